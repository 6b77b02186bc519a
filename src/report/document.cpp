// SPDX-License-Identifier: Apache-2.0
#include "report/document.h"

#include <spdlog/fmt/fmt.h>

namespace pocketstyle::report {
namespace {

class Writer {
 public:
  explicit Writer(bool markdown) : markdown_(markdown) {}

  void title(const std::string& text) {
    if (text.empty()) return;
    out_ += markdown_ ? "# " + escape_markdown(text) + "\n\n" : text + "\n" + std::string(text.size(), '=') + "\n\n";
  }
  void heading(const std::string& text) {
    out_ += markdown_ ? "## " + escape_markdown(text) + "\n\n" : text + "\n" + std::string(text.size(), '-') + "\n";
  }
  void operator()(const Paragraph& paragraph) {
    out_ += (markdown_ ? escape_markdown(paragraph.text) : paragraph.text) + "\n\n";
  }
  void operator()(const Bullets& bullets) {
    for (const std::string& item : bullets.items)
      out_ += markdown_ ? "- " + escape_markdown(item) + "\n" : "* " + item + "\n";
    out_ += "\n";
  }
  void operator()(const Grid& grid) { out_ += (markdown_ ? grid.to_markdown() : grid.to_text()) + "\n"; }
  void operator()(const Figures&) {}
  void operator()(const Gallery&) {}

  std::string take() {
    while (out_.ends_with("\n\n")) out_.pop_back();
    return std::move(out_);
  }

 private:
  bool markdown_;
  std::string out_;
};

/// Without its figures; the text around them describes them.
bool shows_something(const Section& section) {
  bool drawn = false;
  for (const Block& block : section.blocks) {
    if (std::holds_alternative<Grid>(block) || std::holds_alternative<Bullets>(block)) return true;
    drawn = drawn || std::holds_alternative<Figures>(block) || std::holds_alternative<Gallery>(block);
  }
  return !drawn;
}

std::string write(const Document& document, bool markdown) {
  Writer writer(markdown);
  writer.title(document.subtitle.empty() ? document.title : document.title + ": " + document.subtitle);
  for (const Section& section : document.sections) {
    if (!shows_something(section)) continue;
    writer.heading(section.heading);
    for (const Block& block : section.blocks) std::visit([&](const auto& shown) { writer(shown); }, block);
  }
  return writer.take();
}

}  // namespace

std::string to_text(const Document& document) {
  return write(document, /*markdown=*/false);
}
std::string to_markdown(const Document& document) {
  return write(document, /*markdown=*/true);
}

}  // namespace pocketstyle::report
