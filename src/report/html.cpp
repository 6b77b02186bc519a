// SPDX-License-Identifier: Apache-2.0
#include "report/html.h"

#include "report/html_assets.h"

#include "pocketstyle/core/error.h"
#include "pocketstyle/core/version.h"

#include <kainjow/mustache.hpp>

#include <cctype>

namespace pocketstyle::report {
namespace {

using kainjow::mustache::data;

/// Typographic numbers: a real minus sign, a times sign for "3.57x", a subscript for "C_r".
std::string typeset(const std::string& text) {
  const auto digit = [&](std::size_t i) {
    return i < text.size() && std::isdigit(static_cast<unsigned char>(text[i]));
  };
  const auto letter = [&](std::size_t i) {
    return i < text.size() && std::isalpha(static_cast<unsigned char>(text[i]));
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = i == 0 || text[i - 1] == ' ' || text[i - 1] == '(';
    if (text[i] == '-' && starts && digit(i + 1))
      out += "\u2212";
    else if (text[i] == 'x' && i > 0 && digit(i - 1) && (i + 1 == text.size() || digit(i + 1)))
      out += "\u00d7";
    else if (text.compare(i, 2, "_r") == 0 && i > 0 && (text[i - 1] == 'C' || text[i - 1] == 'S') && !letter(i + 2))
      out += "\u1d63", ++i;
    else
      out += text[i];
  }
  return out;
}

data list() {
  return data(data::type::list);
}

class Page {
 public:
  explicit Page(const Comparison& comparison) : comparison_(comparison) {}

  data section(const Section& from) {
    data to;
    to.set("id", from.id);
    to.set("heading", from.heading);
    data blocks = list();
    for (const Block& block : from.blocks)
      blocks.push_back(std::visit([&](const auto& one) { return view(one); }, block));
    to.set("blocks", std::move(blocks));
    return to;
  }

 private:
  static data view(const Paragraph& paragraph) { return {"paragraph", data(typeset(paragraph.text))}; }

  static data view(const Bullets& bullets) {
    data items = list();
    for (const std::string& item : bullets.items) items.push_back(data(typeset(item)));
    data view;
    view.set("items", std::move(items));
    return {"bullets", view};
  }

  static data view(const Grid& grid) {
    data head = list(), rows = list();
    for (std::size_t c = 0; c < grid.head.size(); ++c) head.push_back(heading(grid, c));
    for (const auto& cells : grid.rows) {
      data row, rest = list();
      row.set("first", to_text(cells.front()));
      for (std::size_t c = 1; c < cells.size(); ++c) rest.push_back(cell(grid, c, cells[c]));
      row.set("cells", std::move(rest));
      rows.push_back(std::move(row));
    }
    data view;
    view.set("caption", typeset(grid.caption));
    view.set("has_caption", !grid.caption.empty());
    view.set("head", std::move(head));
    view.set("rows", std::move(rows));
    return {"table", view};
  }

  /// An interval and its verdict are below the number. Texts are names and remain unchanged.
  static data cell(const Grid& grid, std::size_t column, const Cell& shown) {
    const auto [value, interval] = parts_of(shown);
    const bool is_name = std::holds_alternative<Text>(shown);
    const auto* difference = std::get_if<Difference>(&shown);
    data view;
    view.set("text", std::holds_alternative<Missing>(shown) ? "\u2013" : is_name ? value : typeset(value));
    if (!interval.empty()) view.set("interval", typeset(interval));
    view.set("has_interval", !interval.empty());
    view.set("judgement", judgement(difference == nullptr ? results::Verdict::none : difference->verdict));
    view.set("label", typeset(grid.head[column]));
    view.set("left", grid.left.contains(column));
    return view;
  }

  /// The class in the style sheet.
  static std::string judgement(results::Verdict verdict) {
    return verdict == results::Verdict::better ? "better" : verdict == results::Verdict::worse ? "worse" : "";
  }

  static data heading(const Grid& grid, std::size_t column) {
    data view;
    view.set("text", typeset(grid.head[column]));
    view.set("left", grid.left.contains(column));
    return view;
  }

  static data view(const Figures& figures) {
    data all = list();
    for (const Figure& figure : figures.figures) {
      data one;
      one.set("svg", figure.svg);
      one.set("caption", typeset(figure.caption));
      all.push_back(std::move(one));
    }
    data view;
    view.set("all", std::move(all));
    return {"figures", view};
  }

  [[nodiscard]] data view(const Gallery&) const {
    data photos = list(), choices = list();
    choices.push_back(data("photo"));
    for (const Network& network : comparison_.networks) choices.push_back(data(network.name));
    for (std::size_t p = 0; p < comparison_.photos.size(); ++p) {
      const Photo& photo = comparison_.photos[p];
      data pictures = list();
      pictures.push_back(picture("photo", photo.name, photo.picture));
      for (const Network& network : comparison_.networks)
        if (p < network.pictures.size()) pictures.push_back(picture(network.name, photo.name, network.pictures[p]));
      data view;
      view.set("photo", photo.name);
      view.set("pictures", std::move(pictures));
      photos.push_back(std::move(view));
    }
    data view;
    view.set("photos", std::move(photos));
    view.set("choices", std::move(choices));
    return {"gallery", view};
  }

  static data picture(const std::string& who, const std::string& photo, const Picture& picture) {
    data view;
    view.set("who", who);
    view.set("alt", who == "photo" ? photo + ", the photo itself" : photo + ", stylised by " + who);
    view.set("uri", picture.data_uri);
    view.set("width", std::to_string(picture.width));
    view.set("height", std::to_string(picture.height));
    return view;
  }

  const Comparison& comparison_;
};

}  // namespace

std::string to_html(const Document& document, const Comparison& comparison) {
  Page page(comparison);
  data sections = list();
  for (const Section& section : document.sections) sections.push_back(page.section(section));
  data view;
  view.set("title", document.title);
  view.set("subtitle", document.subtitle);
  view.set("style_name", comparison.conditions.style);
  view.set("date", comparison.conditions.date);
  view.set("version", std::string(version()));
  view.set("css", std::string(kReportCss));
  view.set("script", std::string(kReportJs));
  view.set("sections", std::move(sections));
  kainjow::mustache::mustache page_template{std::string(kReportHtml)};
  std::string html = page_template.render(view);
  if (!page_template.is_valid()) throw RuntimeFailure("report.html: {}", page_template.error_message());
  return html;
}

}  // namespace pocketstyle::report
