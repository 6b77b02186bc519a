// SPDX-License-Identifier: Apache-2.0
#include "pocketstyle/workflows/subjects.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/nn/model_files.h"
#include "pocketstyle/run/folder.h"

#include <algorithm>
#include <set>

namespace pocketstyle::workflows {
namespace fs = std::filesystem;
namespace {

/// Like model_name, but a file keeps its extension: a network's exports may differ only in that.
std::string label_of(const fs::path& model) {
  return fs::is_directory(model) || model.filename() == run::kFinalWeightsName ? model_name(model)
                                                                               : model.filename().string();
}

evaluate::Subject parse_subject(const std::string& text) {
  if (fs::exists(text)) return {label_of(text), {text}};
  const auto equals = text.find('=');
  if (equals == 0) throw UsageError("{}: expected a name before '='", text);
  const std::string files = equals == std::string::npos ? text : text.substr(equals + 1);
  evaluate::Subject subject;
  for (std::size_t at = 0; at <= files.size();) {
    const std::size_t comma = fs::exists(files.substr(at)) ? files.size() : std::min(files.find(',', at), files.size());
    if (comma == at) throw UsageError("{}: expected [NAME=]FILE[,FILE...], found an empty file", text);
    subject.files.emplace_back(files.substr(at, comma - at));
    if (!fs::exists(subject.files.back()))
      throw DataError("{}: no such file or run folder", subject.files.back().string());
    at = comma + 1;
  }
  subject.name = equals == std::string::npos ? label_of(subject.files.front()) : text.substr(0, equals);
  return subject;
}

}  // namespace

std::string model_name(const fs::path& model) {
  const fs::path path = fs::absolute(model / "").lexically_normal().parent_path();
  if (path.filename() == run::kFinalWeightsName) return path.parent_path().filename().string();
  return fs::is_directory(path) ? path.filename().string() : path.stem().string();
}

std::vector<evaluate::Subject> parse_subjects(const std::vector<std::string>& texts) {
  std::vector<evaluate::Subject> subjects;
  std::set<std::string> names;
  for (const std::string& text : texts) {
    subjects.push_back(parse_subject(text));
    if (!names.insert(subjects.back().name).second)
      throw UsageError("{}: the name {} is taken, expected another: NAME={}", text, subjects.back().name, text);
  }
  return subjects;
}

}  // namespace pocketstyle::workflows
