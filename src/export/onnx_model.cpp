// SPDX-License-Identifier: Apache-2.0
#include "export/onnx_model.h"

#include "export/protobuf.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/files.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace pocketstyle::exporting {
namespace {

using protobuf::Field;
using protobuf::Fields;
using protobuf::Message;

// Field numbers in onnx.proto, by message.
namespace model_field {
constexpr int kIrVersion = 1, kProducer = 2, kProducerVersion = 3, kGraph = 7, kOpset = 8, kMetadata = 14;
}
namespace graph_field {
constexpr int kNode = 1, kName = 2, kInitializer = 5, kInput = 11, kOutput = 12;
}
namespace node_field {
constexpr int kInput = 1, kOutput = 2, kName = 3, kOp = 4, kAttribute = 5;
}
namespace attribute_field {
constexpr int kName = 1, kFloat = 2, kInt = 3, kString = 4, kInts = 8, kType = 20;
}
namespace tensor_field {
constexpr int kShape = 1, kType = 2, kName = 8, kRaw = 9;
}
constexpr std::uint64_t kAttributeFloat = 1, kAttributeInt = 2, kAttributeString = 3, kAttributeInts = 7;
constexpr int kMaxNodes = 100000;

struct TypeNumber {
  torch::ScalarType dtype;
  std::uint64_t number;  // TensorProto.DataType
};
constexpr std::array<TypeNumber, 5> kTypes = {
    {{torch::kFloat32, 1}, {torch::kUInt8, 2}, {torch::kInt8, 3}, {torch::kInt64, 7}, {torch::kFloat16, 10}}};

std::uint64_t type_number(torch::ScalarType dtype) {
  for (const TypeNumber& type : kTypes)
    if (type.dtype == dtype) return type.number;
  throw std::logic_error("no ONNX type for this tensor");
}

torch::ScalarType type_of(std::uint64_t number, const std::string& name) {
  for (const TypeNumber& type : kTypes)
    if (type.number == number) return type.dtype;
  throw std::invalid_argument(fmt::format("'{}' has data type {}, which is not supported", name, number));
}

// --- Writing ---

Message attribute(const std::string& name, const OnnxAttribute& value) {
  Message out;
  out.text(attribute_field::kName, name);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    out.number(attribute_field::kInt, *integer);
    out.number(attribute_field::kType, kAttributeInt);
  } else if (const auto* real = std::get_if<float>(&value)) {
    out.real(attribute_field::kFloat, *real);
    out.number(attribute_field::kType, kAttributeFloat);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out.text(attribute_field::kString, *text);
    out.number(attribute_field::kType, kAttributeString);
  } else {
    for (const std::int64_t item : std::get<std::vector<std::int64_t>>(value)) out.number(attribute_field::kInts, item);
    out.number(attribute_field::kType, kAttributeInts);
  }
  return out;
}

Message node(const OnnxNode& from) {
  Message out;
  for (const std::string& input : from.inputs) out.text(node_field::kInput, input);
  out.text(node_field::kOutput, from.output);
  out.text(node_field::kName, from.output);
  out.text(node_field::kOp, from.op);
  for (const auto& [name, value] : from.attributes) out.message(node_field::kAttribute, attribute(name, value));
  return out;
}

Message tensor(const std::string& name, const torch::Tensor& from) {
  const torch::Tensor t = from.contiguous();
  Message out;
  for (const std::int64_t size : t.sizes()) out.number(tensor_field::kShape, size);
  out.number(tensor_field::kType, static_cast<std::int64_t>(type_number(t.scalar_type())));
  out.text(tensor_field::kName, name);
  out.text(tensor_field::kRaw, {static_cast<const char*>(t.data_ptr()), t.nbytes()});
  return out;
}

Message value(const OnnxValue& from) {
  Message shape;
  for (const auto& dimension : from.shape) {
    Message out;
    if (const auto* size = std::get_if<std::int64_t>(&dimension))
      out.number(1, *size);
    else
      out.text(2, std::get<std::string>(dimension));
    shape.message(1, out);
  }
  Message tensor_type, type, out;
  tensor_type.number(1, static_cast<std::int64_t>(type_number(from.dtype)));
  tensor_type.message(2, shape);
  type.message(1, tensor_type);
  out.text(1, from.name);
  out.message(2, type);
  return out;
}

// --- Reading ---

std::pair<std::string, OnnxAttribute> read_attribute(std::string_view bytes) {
  std::string name;
  std::uint64_t type = 0;
  std::int64_t integer = 0;
  float real = 0;
  std::string text;
  std::vector<std::int64_t> integers;
  Fields fields(bytes);
  for (Field field; fields.next(field);) {
    if (field.number == attribute_field::kName) name = field.text();
    if (field.number == attribute_field::kType) type = static_cast<std::uint64_t>(field.integer());
    if (field.number == attribute_field::kInt) integer = field.integer();
    if (field.number == attribute_field::kString) text = field.text();
    if (field.number == attribute_field::kInts) field.append_integers(integers);
    if (field.number == attribute_field::kFloat) real = field.real();
  }
  if (type == kAttributeInt) return {name, integer};
  if (type == kAttributeFloat) return {name, real};
  if (type == kAttributeString) return {name, text};
  if (type == kAttributeInts) return {name, integers};
  throw std::invalid_argument(fmt::format("attribute '{}' has an unsupported type", name));
}

OnnxNode read_node(std::string_view bytes) {
  OnnxNode node;
  int outputs = 0;
  Fields fields(bytes);
  for (Field field; fields.next(field);) {
    if (field.number == node_field::kInput) node.inputs.emplace_back(field.text());
    if (field.number == node_field::kOutput && ++outputs == 1) node.output = field.text();
    if (field.number == node_field::kOp) node.op = field.text();
    if (field.number == node_field::kAttribute) node.attributes.insert(read_attribute(field.text()));
  }
  if (outputs != 1)
    throw std::invalid_argument(fmt::format("operator {} has {} outputs, expected 1", node.op, outputs));
  return node;
}

std::pair<std::string, torch::Tensor> read_tensor(std::string_view bytes) {
  std::string name;
  std::uint64_t type = 0;
  std::vector<std::int64_t> shape;
  std::string_view raw;
  Fields fields(bytes);
  for (Field field; fields.next(field);) {
    if (field.number == tensor_field::kName) name = field.text();
    if (field.number == tensor_field::kType) type = static_cast<std::uint64_t>(field.integer());
    if (field.number == tensor_field::kShape) field.append_integers(shape);
    if (field.number == tensor_field::kRaw) raw = field.text();
  }
  const torch::ScalarType dtype = type_of(type, name);
  std::uint64_t count = 1;
  for (const std::int64_t size : shape) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    if (size < 0 || (size > 0 && std::max<std::uint64_t>(count, 1) > kMost / static_cast<std::uint64_t>(size)))
      throw std::invalid_argument(fmt::format("tensor '{}' has an impossible shape", name));
    count *= static_cast<std::uint64_t>(size);
  }
  const std::uint64_t wanted = count * torch::elementSize(dtype);
  if (raw.size() != wanted)
    throw std::invalid_argument(
        fmt::format("tensor '{}': expected {} bytes of data for its shape, found {}", name, wanted, raw.size()));
  torch::Tensor tensor = torch::empty(shape, dtype);
  if (!raw.empty()) std::memcpy(tensor.data_ptr(), raw.data(), raw.size());
  return {name, tensor};
}

OnnxValue read_value(std::string_view bytes) {
  OnnxValue value;
  std::uint64_t type_number = 0;
  Fields fields(bytes);
  for (Field field; fields.next(field);) {
    if (field.number == 1) value.name = field.text();
    if (field.number != 2) continue;
    Fields type(field.text());
    for (Field tensor_type; type.next(tensor_type);) {
      if (tensor_type.number != 1) throw std::invalid_argument("a graph input or output is not a tensor");
      Fields parts(tensor_type.text());
      for (Field part; parts.next(part);) {
        if (part.number == 1) type_number = static_cast<std::uint64_t>(part.integer());
        if (part.number != 2) continue;
        Fields dimensions(part.text());
        for (Field dimension; dimensions.next(dimension);) {
          Fields kinds(dimension.text());
          value.shape.emplace_back(std::string());
          for (Field kind; kinds.next(kind);) {
            if (kind.number == 1) value.shape.back() = kind.integer();
            if (kind.number == 2) value.shape.back() = std::string(kind.text());
          }
        }
      }
    }
  }
  value.dtype = type_of(type_number, value.name);
  return value;
}

void read_graph(OnnxModel& model, std::string_view bytes) {
  Fields fields(bytes);
  for (Field field; fields.next(field);) {
    if (field.number == graph_field::kNode) model.nodes.push_back(read_node(field.text()));
    if (field.number == graph_field::kInitializer) model.initializers.push_back(read_tensor(field.text()));
    if (field.number == graph_field::kInput) model.inputs.push_back(read_value(field.text()));
    if (field.number == graph_field::kOutput) model.outputs.push_back(read_value(field.text()));
    if (model.nodes.size() > kMaxNodes) throw std::invalid_argument("too many operators");
  }
}

std::pair<std::string, std::string> read_metadata(std::string_view bytes) {
  std::pair<std::string, std::string> entry;
  Fields fields(bytes);
  for (Field field; fields.next(field);) {
    if (field.number == 1) entry.first = field.text();
    if (field.number == 2) entry.second = field.text();
  }
  return entry;
}

std::int64_t read_opset(std::string_view bytes) {
  std::int64_t version = 0;
  std::string domain;
  Fields fields(bytes);
  for (Field field; fields.next(field);) {
    if (field.number == 1) domain = field.text();
    if (field.number == 2) version = field.integer();
  }
  return domain.empty() || domain == "ai.onnx" ? version : 0;
}

}  // namespace

std::string to_onnx_bytes(const OnnxModel& model) {
  Message graph;
  for (const OnnxNode& from : model.nodes) graph.message(graph_field::kNode, node(from));
  graph.text(graph_field::kName, "style");
  for (const auto& [name, from] : model.initializers) graph.message(graph_field::kInitializer, tensor(name, from));
  for (const OnnxValue& from : model.inputs) graph.message(graph_field::kInput, value(from));
  for (const OnnxValue& from : model.outputs) graph.message(graph_field::kOutput, value(from));
  Message opset, out;
  opset.text(1, "");
  opset.number(2, model.opset);
  out.number(model_field::kIrVersion, model.ir_version);
  out.text(model_field::kProducer, model.producer);
  out.text(model_field::kProducerVersion, model.producer_version);
  out.message(model_field::kGraph, graph);
  out.message(model_field::kOpset, opset);
  for (const auto& [key, text] : model.metadata) {
    Message entry;
    entry.text(1, key);
    entry.text(2, text);
    out.message(model_field::kMetadata, entry);
  }
  return out.bytes();
}

std::string content_sha256(OnnxModel model) {
  model.metadata.clear();
  return sha256_hex(to_onnx_bytes(model));
}

OnnxModel parse_onnx(std::string_view bytes, const std::string& where) {
  OnnxModel model;
  model.ir_version = model.opset = 0;
  bool has_graph = false;
  try {
    Fields fields(bytes);
    for (Field field; fields.next(field);) {
      if (field.number == model_field::kIrVersion) model.ir_version = field.integer();
      if (field.number == model_field::kProducer) model.producer = field.text();
      if (field.number == model_field::kProducerVersion) model.producer_version = field.text();
      if (field.number == model_field::kMetadata) model.metadata.insert(read_metadata(field.text()));
      if (field.number == model_field::kOpset) model.opset = std::max(model.opset, read_opset(field.text()));
      if (field.number != model_field::kGraph) continue;
      has_graph = true;
      read_graph(model, field.text());
    }
  } catch (const std::invalid_argument& error) {
    throw DataError("{}: cannot be read as ONNX: {}", where, error.what());
  }
  if (!has_graph || model.opset == 0 || model.ir_version == 0)
    throw DataError("{}: expected an ONNX model (version, opset, graph), found something else", where);
  return model;
}

}  // namespace pocketstyle::exporting
