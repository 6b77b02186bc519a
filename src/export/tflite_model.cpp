// SPDX-License-Identifier: Apache-2.0
#include "export/tflite_model.h"

#include "export/flatbuffer.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace pocketstyle::exporting {
namespace {

using flatbuffer::Object;
using flatbuffer::Table;
using Ints = std::vector<std::int64_t>;

constexpr std::string_view kIdentifier = "TFL3";
constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kDataAlignment = 16;
constexpr const char *kInputName = "image", *kOutputName = "styled", *kSignature = "serving_default";

// Fields in schema.fbs, by table.
namespace model_field {
constexpr int kVersion = 0, kCodes = 1, kSubgraphs = 2, kDescription = 3, kBuffers = 4, kMetadata = 6, kSignatures = 7;
}
namespace code_field {
constexpr int kByteCode = 0, kCustom = 1, kVersion = 2, kCode = 3;
}
namespace subgraph_field {
constexpr int kTensors = 0, kInputs = 1, kOutputs = 2, kOperators = 3, kName = 4;
}
namespace tensor_field {
constexpr int kShape = 0, kType = 1, kBuffer = 2, kName = 3, kQuantization = 4, kSparsity = 6, kSignature = 7;
}
namespace quantization_field {
constexpr int kScale = 2, kZeroPoint = 3, kDimension = 6;
}
namespace operator_field {
constexpr int kCode = 0, kInputs = 1, kOutputs = 2, kOptionsType = 3, kOptions = 4;
}
namespace signature_field {
constexpr int kInputs = 0, kOutputs = 1, kKey = 2;
}
namespace named_field {  // of TensorMap and Metadata
constexpr int kName = 0, kIndex = 1;
}
constexpr int kBufferData = 0;

// What a file may have; ours have a few hundred operators and tensors of four dimensions.
constexpr std::size_t kMostObjects = 20000, kMostInputs = 16, kMostDimensions = 8;

struct TypeNumber {
  torch::ScalarType dtype;
  std::int8_t number;  // TensorType
};
constexpr std::array<TypeNumber, 5> kTypes = {
    {{torch::kFloat32, 0}, {torch::kFloat16, 1}, {torch::kInt32, 2}, {torch::kUInt8, 3}, {torch::kInt8, 9}}};

std::int8_t type_number(torch::ScalarType dtype) {
  for (const TypeNumber& type : kTypes)
    if (type.dtype == dtype) return type.number;
  throw std::logic_error("no TensorType for this tensor");
}

torch::ScalarType type_of(std::int8_t number, std::string_view name) {
  for (const TypeNumber& type : kTypes)
    if (type.number == number) return type.dtype;
  throw std::invalid_argument(fmt::format("tensor '{}' has type {}, which is not supported", name, number));
}

struct OptionSpec {
  const char* name;
  bool is_byte;  // or an int
  std::int64_t otherwise = 0;
};
struct OperatorSpec {
  const char* name;
  std::int32_t code;          // BuiltinOperator
  std::uint8_t options_type;  // BuiltinOptions; 0: none
  std::vector<OptionSpec> options;
};

/// The operators that are known, with their options in the order of the schema.
const std::vector<OperatorSpec>& operator_specs() {
  constexpr bool kByte = true, kInt = false;
  const OptionSpec activation{"activation", kByte};
  static const std::vector<OperatorSpec> all = {
      {"ADD", 0, 11, {activation}},
      {"AVERAGE_POOL_2D",
       1,
       5,
       {{"padding", kByte},
        {"stride_w", kInt},
        {"stride_h", kInt},
        {"filter_w", kInt},
        {"filter_h", kInt},
        activation}},
      {"CONCATENATION", 2, 10, {{"axis", kInt}, activation}},
      {"CONV_2D",
       3,
       1,
       {{"padding", kByte},
        {"stride_w", kInt},
        {"stride_h", kInt},
        activation,
        {"dilation_w", kInt, 1},
        {"dilation_h", kInt, 1}}},
      {"DEPTHWISE_CONV_2D",
       4,
       2,
       {{"padding", kByte},
        {"stride_w", kInt},
        {"stride_h", kInt},
        {"multiplier", kInt},
        activation,
        {"dilation_w", kInt, 1},
        {"dilation_h", kInt, 1}}},
      {"DEPTH_TO_SPACE", 5, 94, {{"block_size", kInt}}},
      {"DEQUANTIZE", 6, 38, {}},
      {"FLOOR", 8, 0, {}},
      {"MUL", 18, 21, {activation}},
      {"MEAN", 40, 27, {{"keep_dims", kByte}}},
      {"SUB", 41, 28, {activation}},
      {"STRIDED_SLICE",
       45,
       32,
       {{"begin_mask", kInt},
        {"end_mask", kInt},
        {"ellipsis_mask", kInt},
        {"new_axis_mask", kInt},
        {"shrink_axis_mask", kInt},
        {"offset", kByte}}},
      {"CAST", 53, 37, {{"from", kByte}, {"to", kByte}}},
      {"MAXIMUM", 55, 39, {}},
      {"MINIMUM", 57, 39, {}},
      {"RSQRT", 76, 0, {}},
      {"RESIZE_NEAREST_NEIGHBOR", 97, 74, {{"align_corners", kByte}, {"half_pixel_centers", kByte}}},
      {"MIRROR_PAD", 100, 77, {{"mode", kByte}}},
  };
  return all;
}

const OperatorSpec& spec_of(const TfliteOperator& from) {
  for (const OperatorSpec& spec : operator_specs())
    if (from.op == spec.name) return spec;
  throw std::logic_error("no operator " + from.op);
}

// --- Writing ---

/// The operator's version that has what it uses (tensorflow/compiler/mlir/lite/tools/versioning/op_version.cc).
std::int32_t version_of(const TfliteModel& model, const TfliteOperator& from) {
  if (from.op != "DEQUANTIZE") return 1;
  const TfliteTensor& stored = model.tensors[static_cast<std::size_t>(from.inputs[0])];
  return stored.dtype == torch::kFloat16 ? 3 : 5;  // 5: one scale per channel
}

std::vector<std::int32_t> narrow(const Ints& values) {
  return {values.begin(), values.end()};
}

Object empty_buffer() {
  return Object::table();
}
Object buffer(std::string_view bytes) {
  return Object::table().child(kBufferData, Object::bytes(bytes, kDataAlignment));
}

Object tensor(const TfliteTensor& from, std::uint32_t buffer_index) {
  Object out = Object::table();
  out.child(tensor_field::kShape, Object::numbers(narrow(from.shape)))
      .number(tensor_field::kType, type_number(from.dtype))
      .number(tensor_field::kBuffer, buffer_index)
      .child(tensor_field::kName, Object::text(from.name));
  if (from.any_size) {
    std::vector<std::int32_t> signature = narrow(from.shape);
    signature.at(1) = signature.at(2) = -1;
    out.child(tensor_field::kSignature, Object::numbers(signature));
  }
  if (from.scale.defined()) {
    const auto* scales = from.scale.data_ptr<float>();
    const auto count = static_cast<std::size_t>(from.scale.numel());
    out.child(tensor_field::kQuantization,
              Object::table()
                  .child(quantization_field::kScale, Object::numbers(std::vector<float>(scales, scales + count)))
                  .child(quantization_field::kZeroPoint, Object::numbers(Ints(count)))
                  .number(quantization_field::kDimension, static_cast<std::int32_t>(from.scale_dim)));
  }
  return out;
}

Object options(const OperatorSpec& spec, const TfliteOperator& from) {
  Object out = Object::table();
  for (std::size_t i = 0; i < spec.options.size(); ++i) {
    const auto found = from.options.find(spec.options[i].name);
    if (found == from.options.end() || found->second == spec.options[i].otherwise) continue;
    if (spec.options[i].is_byte)
      out.number(static_cast<int>(i), static_cast<std::int8_t>(found->second));
    else
      out.number(static_cast<int>(i), static_cast<std::int32_t>(found->second));
  }
  return out;
}

Object operator_code(const OperatorSpec& spec, std::int32_t version) {
  constexpr std::int32_t kLargestByte = 127;
  return Object::table()
      .number(code_field::kByteCode, static_cast<std::int8_t>(std::min(spec.code, kLargestByte)))
      .number(code_field::kVersion, version)
      .number(code_field::kCode, spec.code);
}

/// A TensorMap or Metadata.
Object named(std::string_view name, std::size_t index) {
  return Object::table()
      .child(named_field::kName, Object::text(name))
      .number(named_field::kIndex, static_cast<std::uint32_t>(index));
}

// --- Reading ---

TfliteTensor read_tensor(const Table& from, const std::vector<Table>& buffers, std::size_t& bytes_left) {
  TfliteTensor tensor;
  tensor.name = from.text(tensor_field::kName);
  tensor.dtype = type_of(from.number<std::int8_t>(tensor_field::kType), tensor.name);
  for (const std::int32_t size : from.numbers<std::int32_t>(tensor_field::kShape, kMostDimensions))
    tensor.shape.push_back(size);
  for (const std::int32_t size : from.numbers<std::int32_t>(tensor_field::kSignature, kMostDimensions))
    tensor.any_size = tensor.any_size || size < 0;
  if (from.table(tensor_field::kSparsity))
    throw std::invalid_argument(fmt::format("tensor '{}' is sparse, which is not supported", tensor.name));
  std::uint64_t count = 1;
  for (const std::int64_t size : tensor.shape) {
    if (size < 0 || (size > 0 && count > std::numeric_limits<std::uint32_t>::max() / static_cast<std::uint64_t>(size)))
      throw std::invalid_argument(fmt::format("tensor '{}' has an impossible shape", tensor.name));
    count *= static_cast<std::uint64_t>(size);
  }

  const auto index = from.number<std::uint32_t>(tensor_field::kBuffer);
  if (index >= buffers.size())
    throw std::invalid_argument(fmt::format("tensor '{}' names buffer {} of {}", tensor.name, index, buffers.size()));
  const std::string_view data = buffers[index].bytes(kBufferData);
  if (data.empty()) return tensor;
  const std::uint64_t wanted = count * torch::elementSize(tensor.dtype);
  if (data.size() != wanted)
    throw std::invalid_argument(fmt::format("tensor '{}': expected {} bytes of data for its shape, found {}",
                                            tensor.name, wanted, data.size()));
  if (data.size() > bytes_left) throw std::invalid_argument("its tensors are larger than the file");
  bytes_left -= data.size();
  tensor.data = torch::empty(tensor.shape, tensor.dtype);
  std::memcpy(tensor.data.data_ptr(), data.data(), data.size());

  const auto quantization = from.table(tensor_field::kQuantization);
  if (!quantization || tensor.dtype != torch::kInt8) return tensor;
  tensor.scale_dim = quantization->number<std::int32_t>(quantization_field::kDimension);
  if (tensor.scale_dim < 0 || tensor.scale_dim >= static_cast<std::int64_t>(tensor.shape.size()))
    throw std::invalid_argument(fmt::format("tensor '{}' is quantised along a dimension that it lacks", tensor.name));
  const auto channels = static_cast<std::size_t>(tensor.shape[static_cast<std::size_t>(tensor.scale_dim)]);
  const auto scales = quantization->numbers<float>(quantization_field::kScale, channels);
  const auto zeros = quantization->numbers<std::int64_t>(quantization_field::kZeroPoint, channels);
  if (scales.size() != channels || std::any_of(zeros.begin(), zeros.end(), [](auto zero) { return zero != 0; }))
    throw std::invalid_argument(
        fmt::format("tensor '{}': expected a scale per channel and no zero points", tensor.name));
  tensor.scale = torch::tensor(scales);
  return tensor;
}

Ints indices(const Table& from, int field, std::size_t tensors) {
  Ints all;
  for (const std::int32_t index : from.numbers<std::int32_t>(field, kMostInputs)) {
    if (index < 0 || static_cast<std::size_t>(index) >= tensors)
      throw std::invalid_argument(fmt::format("tensor {} of {} is used", index, tensors));
    all.push_back(index);
  }
  return all;
}

const OperatorSpec& read_code(const Table& from) {
  const std::int32_t code = std::max<std::int32_t>(from.number<std::int32_t>(code_field::kCode),
                                                   from.number<std::int8_t>(code_field::kByteCode));
  for (const OperatorSpec& spec : operator_specs())
    if (spec.code == code) return spec;
  const std::string_view custom = from.text(code_field::kCustom);
  throw std::invalid_argument(custom.empty() ? fmt::format("operator number {} is not supported", code)
                                             : fmt::format("operator '{}' is not supported", custom));
}

TfliteOperator read_operator(const Table& from, const std::vector<const OperatorSpec*>& codes, std::size_t tensors) {
  const auto index = from.number<std::uint32_t>(operator_field::kCode);
  if (index >= codes.size()) throw std::invalid_argument("an operator has an impossible code");
  const OperatorSpec& spec = *codes[index];
  TfliteOperator op{.op = spec.name, .inputs = indices(from, operator_field::kInputs, tensors)};
  const Ints outputs = indices(from, operator_field::kOutputs, tensors);
  if (outputs.size() != 1)
    throw std::invalid_argument(fmt::format("{} has {} outputs, expected 1", op.op, outputs.size()));
  op.output = outputs[0];
  const auto type = from.number<std::uint8_t>(operator_field::kOptionsType);
  const auto read = from.table(operator_field::kOptions);
  if (!read || type == 0) return op;
  if (type != spec.options_type) throw std::invalid_argument(fmt::format("{} has another operator's options", op.op));
  for (std::size_t i = 0; i < spec.options.size(); ++i) {
    const auto& [name, is_byte, otherwise] = spec.options[i];
    const auto field = static_cast<int>(i);
    const std::int64_t value = is_byte ? read->number<std::int8_t>(field, static_cast<std::int8_t>(otherwise))
                                       : read->number<std::int32_t>(field, static_cast<std::int32_t>(otherwise));
    if (value != otherwise) op.options[name] = value;
  }
  return op;
}

TfliteModel read_model(std::string_view bytes) {
  const Table root = Table::root(bytes, kIdentifier);
  if (const auto version = root.number<std::uint32_t>(model_field::kVersion); version != kSchemaVersion)
    throw std::invalid_argument(fmt::format("expected schema version {}, found {}", kSchemaVersion, version));
  const std::vector<Table> subgraphs = root.tables(model_field::kSubgraphs, kMostObjects);
  if (subgraphs.size() != 1)
    throw std::invalid_argument(fmt::format("expected one subgraph, found {}", subgraphs.size()));
  const std::vector<Table> buffers = root.tables(model_field::kBuffers, kMostObjects);
  std::vector<const OperatorSpec*> codes;
  for (const Table& code : root.tables(model_field::kCodes, kMostObjects)) codes.push_back(&read_code(code));

  TfliteModel model;
  model.description = root.text(model_field::kDescription);
  for (const Table& entry : root.tables(model_field::kMetadata, kMostInputs)) {
    const auto index = entry.number<std::uint32_t>(named_field::kIndex);
    if (index >= buffers.size()) throw std::invalid_argument("metadata names a buffer that is not there");
    model.metadata[std::string(entry.text(named_field::kName))] = buffers[index].bytes(kBufferData);
  }
  std::size_t bytes_left = bytes.size();
  for (const Table& tensor : subgraphs[0].tables(subgraph_field::kTensors, kMostObjects))
    model.tensors.push_back(read_tensor(tensor, buffers, bytes_left));
  for (const Table& op : subgraphs[0].tables(subgraph_field::kOperators, kMostObjects))
    model.operators.push_back(read_operator(op, codes, model.tensors.size()));
  const Ints inputs = indices(subgraphs[0], subgraph_field::kInputs, model.tensors.size());
  const Ints outputs = indices(subgraphs[0], subgraph_field::kOutputs, model.tensors.size());
  if (inputs.size() != 1 || outputs.size() != 1)
    throw std::invalid_argument("expected a model with one input and one output");
  model.input = inputs[0];
  model.output = outputs[0];
  return model;
}

}  // namespace

torch::Tensor TfliteTensor::restore() const {
  const torch::Tensor values = data.to(torch::kFloat32);
  if (!scale.defined()) return values;
  Ints along(shape.size(), 1);
  along[static_cast<std::size_t>(scale_dim)] = scale.numel();
  return values * scale.view(along);
}

std::string to_tflite_bytes(const TfliteModel& model) {
  std::vector<Object> buffers{empty_buffer()};  // number 0 is that of tensors without data
  std::vector<Object> tensors, operators, codes, metadata;
  for (const TfliteTensor& from : model.tensors) {
    if (!from.data.defined()) {
      tensors.push_back(tensor(from, 0));
      continue;
    }
    tensors.push_back(tensor(from, static_cast<std::uint32_t>(buffers.size())));
    const torch::Tensor data = from.data.contiguous();
    buffers.push_back(buffer({static_cast<const char*>(data.data_ptr()), data.nbytes()}));
  }

  std::vector<std::pair<std::string, std::int32_t>> used;  // operators and versions
  for (const TfliteOperator& from : model.operators) {
    const OperatorSpec& spec = spec_of(from);
    const std::pair<std::string, std::int32_t> key{from.op, version_of(model, from)};
    const auto found = std::find(used.begin(), used.end(), key);
    const auto index = static_cast<std::uint32_t>(found - used.begin());
    if (found == used.end()) {
      used.push_back(key);
      codes.push_back(operator_code(spec, key.second));
    }
    Object op = Object::table();
    op.number(operator_field::kCode, index)
        .child(operator_field::kInputs, Object::numbers(narrow(from.inputs)))
        .child(operator_field::kOutputs, Object::numbers(narrow({from.output})));
    if (spec.options_type != 0)
      op.number(operator_field::kOptionsType, spec.options_type).child(operator_field::kOptions, options(spec, from));
    operators.push_back(std::move(op));
  }

  const Object input = named(kInputName, static_cast<std::size_t>(model.input));
  const Object output = named(kOutputName, static_cast<std::size_t>(model.output));
  std::vector<Object> signatures{Object::table()
                                     .child(signature_field::kInputs, Object::list({input}))
                                     .child(signature_field::kOutputs, Object::list({output}))
                                     .child(signature_field::kKey, Object::text(kSignature))};
  for (const auto& [name, text] : model.metadata) {
    metadata.push_back(named(name, buffers.size()));
    buffers.push_back(buffer(text));
  }
  std::vector<Object> subgraphs{Object::table()
                                    .child(subgraph_field::kTensors, Object::list(std::move(tensors)))
                                    .child(subgraph_field::kInputs, Object::numbers(narrow({model.input})))
                                    .child(subgraph_field::kOutputs, Object::numbers(narrow({model.output})))
                                    .child(subgraph_field::kOperators, Object::list(std::move(operators)))
                                    .child(subgraph_field::kName, Object::text("style"))};
  Object root = Object::table();
  root.number(model_field::kVersion, kSchemaVersion)
      .child(model_field::kCodes, Object::list(std::move(codes)))
      .child(model_field::kSubgraphs, Object::list(std::move(subgraphs)))
      .child(model_field::kDescription, Object::text(model.description))
      .child(model_field::kBuffers, Object::list(std::move(buffers)))
      .child(model_field::kMetadata, Object::list(std::move(metadata)))
      .child(model_field::kSignatures, Object::list(std::move(signatures)));
  return to_bytes(root, kIdentifier);
}

TfliteModel parse_tflite(std::string_view bytes, const std::string& where) {
  try {
    return read_model(bytes);
  } catch (const std::invalid_argument& error) {
    throw DataError("{}: cannot be read as a LiteRT file: {}", where, error.what());
  }
}

bool looks_like_tflite(std::string_view bytes) {
  constexpr std::size_t kIdentifierAt = 4;
  return bytes.size() > kIdentifierAt && bytes.substr(kIdentifierAt, kIdentifier.size()) == kIdentifier;
}

std::string with_content_sha256(std::string bytes) {
  const std::size_t at = bytes.find(kNoContentHash);
  if (at == std::string::npos) throw std::logic_error("a file without a place for its hash");
  const std::string hash = sha256_hex(bytes);
  return bytes.replace(at, hash.size(), hash);
}

bool has_content_sha256(std::string bytes, const std::string& hash) {
  const std::size_t at = bytes.find(hash);
  if (hash.size() != kNoContentHash.size() || at == std::string::npos) return false;
  return sha256_hex(bytes.replace(at, hash.size(), kNoContentHash)) == hash;
}

std::vector<std::string> gpu_obstacles(const TfliteModel& model) {
  // Delegates may add up in 16 bits, whose largest number is 65,504. Squares of this network's activations were up to
  // 561, so a sum of 64 of them fits.
  constexpr std::int64_t kMostSummed = 64;
  std::vector<std::string> found;
  const auto add = [&](std::string text) {
    if (std::find(found.begin(), found.end(), text) == found.end()) found.push_back(std::move(text));
  };
  const auto at = [&](std::int64_t index) -> const TfliteTensor& {
    return model.tensors[static_cast<std::size_t>(index)];
  };
  const auto option = [](const TfliteOperator& op, const char* name) {
    const auto value = op.options.find(name);
    return value == op.options.end() ? 0 : value->second;
  };
  const TfliteTensor& input = at(model.input);
  if (input.any_size) add("its sizes are free: GPU delegates need fixed ones (export --static)");
  for (const TfliteOperator& op : model.operators) {
    if (op.op == "MIRROR_PAD" && option(op, "mode") != kMirrorReflect) add("MIRROR_PAD: only REFLECT is supported");
    if (op.op == "MEAN") add("MEAN over a picture may overflow 16 bits (export --static writes average pools)");
    if (op.op == "AVERAGE_POOL_2D" && option(op, "filter_w") * option(op, "filter_h") > kMostSummed)
      add(fmt::format(
          "AVERAGE_POOL_2D over {}x{} values may overflow 16 bits (choose sides without large prime factors)",
          option(op, "filter_h"), option(op, "filter_w")));
    if (op.op == "DEQUANTIZE" && !op.inputs.empty() && at(op.inputs[0]).scale.defined() &&
        at(op.inputs[0]).scale.numel() > 1)
      add("DEQUANTIZE of int8 with a scale per channel is left to the CPU (use fp16)");
  }
  return found;
}

}  // namespace pocketstyle::exporting
