// The documentation's Markdown as a manual page: what docs/ uses of it, and nothing more. What it does not
// know stays text.
#include <algorithm>
#include <cctype>
#include <utility>

#include "launcher/manual/pages.h"
#include "launcher/manual/roff.h"

namespace vgpu::manual {
namespace {

// `code` and **strong** are bold, *emphasis* is italic, [text](address) is its text.
std::string inline_text(std::string_view text) {
  std::string result;
  const auto until = [&](std::size_t from, std::string_view end) { return text.find(end, from); };
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '`') {
      const std::size_t ticks =
          text.find_first_not_of('`', i) == std::string_view::npos ? 1 : text.find_first_not_of('`', i) - i;
      const std::size_t end = until(i + ticks, std::string(ticks, '`'));
      if (end != std::string_view::npos) {
        result.append("\\fB").append(roff(text.substr(i + ticks, end - i - ticks))).append("\\fR");
        i = end + ticks;
        continue;
      }
    }
    if (text.substr(i, 2) == "**") {
      if (const std::size_t end = until(i + 2, "**"); end != std::string_view::npos) {
        result.append("\\fB").append(roff(text.substr(i + 2, end - i - 2))).append("\\fR");
        i = end + 2;
        continue;
      }
    }
    if (text[i] == '*' && i + 1 < text.size() && std::isalnum(static_cast<unsigned char>(text[i + 1])) != 0) {
      if (const std::size_t end = until(i + 1, "*"); end != std::string_view::npos) {
        result.append("\\fI").append(roff(text.substr(i + 1, end - i - 1))).append("\\fR");
        i = end + 1;
        continue;
      }
    }
    if (text[i] == '[') {
      const std::size_t close = until(i, "](");
      const std::size_t end = close == std::string_view::npos ? close : until(close, ")");
      if (end != std::string_view::npos) {
        result.append(inline_text(text.substr(i + 1, close - i - 1)));
        i = end + 1;
        continue;
      }
    }
    const std::size_t next = std::min(text.find_first_of("`*[", i + 1), text.size());
    result.append(roff(text.substr(i, next - i)));
    i = next;
  }
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The cells of "| a | b |"; a '|' within `code` is one of its characters.
std::vector<std::string> cells(std::string_view line) {
  std::vector<std::string> all;
  bool code = false;
  std::size_t begin = 1;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '`') code = !code;
    if (line[i] != '|' || code) continue;
    all.emplace_back(trimmed(line.substr(begin, i - begin)));
    begin = i + 1;
  }
  return all;
}

class Converter {
 public:
  std::string convert(std::string_view markdown) {
    for (std::size_t begin = 0; begin < markdown.size();) {
      const std::size_t end = std::min(markdown.find('\n', begin), markdown.size());
      line(markdown.substr(begin, end - begin));
      begin = end + 1;
    }
    close();
    return std::move(result_);
  }

 private:
  enum class Block { none, paragraph, item, fence, indented, table };

  void line(std::string_view text) {
    if (block_ == Block::fence) {
      if (text.starts_with("```")) return close();
      text_.append(text).append("\n");
      return;
    }
    if (text.starts_with("```")) return open(Block::fence);
    if (text.starts_with("    ") && (block_ == Block::none || block_ == Block::indented)) {
      if (block_ == Block::none) open(Block::indented);
      text_.append(text.substr(4)).append("\n");
      return;
    }
    if (trimmed(text).empty()) return close();
    if (text.starts_with('#')) return heading(text);
    if (text.starts_with('|')) return row(text);
    if (text.starts_with("* ") || numbered(text) != 0) {
      open(Block::item);
      const std::size_t mark = text.starts_with("* ") ? 2 : numbered(text);
      tag_ = text.starts_with("* ") ? "\\(bu" : std::string(text.substr(0, mark - 1));
      text_.assign(text.substr(mark));
      return;
    }
    if (block_ == Block::none || block_ == Block::table) open(Block::paragraph);
    text_.append(" ").append(trimmed(text));
  }

  // The length of "12. ", 0: it is none.
  static std::size_t numbered(std::string_view text) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    return digits != 0 && digits < 3 && text.substr(digits, 2) == ". " ? digits + 2 : 0;
  }

  void heading(std::string_view text) {
    close();
    const std::size_t level = text.find_first_not_of('#');
    if (level == 1) return;  // the page's own title, which NAME says
    std::string title(trimmed(text.substr(level)));
    std::erase(title, '`');
    if (level == 2)
      std::transform(title.begin(), title.end(), title.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    result_.append(level == 2 ? ".SH " : ".SS ").append(roff_argument(title)).append("\n");
    fresh_ = true;
  }

  // A tagged paragraph for each row; the row above the rule names the columns.
  void row(std::string_view text) {
    if (block_ != Block::table) {
      open(Block::table);
      rule_seen_ = false;
      return;
    }
    if (!rule_seen_) {
      rule_seen_ = true;
      return;
    }
    const std::vector<std::string> all = cells(text);
    if (all.empty()) return;
    std::string rest;
    for (std::size_t i = 1; i < all.size(); ++i) {
      if (!all[i].empty()) rest.append(rest.empty() ? "" : "; ").append(inline_text(all[i]));
    }
    result_.append(".TP\n")
        .append(roff_filled_tag(inline_text(all.front())))
        .append(roff_filled(rest.empty() ? "\\&" : rest));
    fresh_ = false;
  }

  static std::string roff_filled_tag(const std::string& text) {
    return (text.empty() ? std::string("\\&") : text) + "\n";
  }

  void open(Block block) {
    close();
    block_ = block;
  }

  void close() {
    const std::string text = std::move(text_);
    text_.clear();
    switch (std::exchange(block_, Block::none)) {
      case Block::paragraph: result_.append(fresh_ ? "" : ".PP\n").append(roff_filled(inline_text(text))); break;
      case Block::item:
        if (is_link_list(text)) return;
        result_.append(".IP ").append(tag_).append(" 3\n").append(roff_filled(inline_text(text)));
        break;
      case Block::fence:
      case Block::indented: result_.append(roff_example(text, fresh_)); break;
      default: return;
    }
    fresh_ = false;
  }

  // The table of contents: links within the page.
  static bool is_link_list(std::string_view text) {
    return text.starts_with('[') && text.find("](#") != std::string_view::npos && text.ends_with(')');
  }

  std::string result_;
  std::string text_;
  std::string tag_;
  Block block_ = Block::none;
  bool rule_seen_ = false;
  bool fresh_ = true;  // right behind a heading
};

}  // namespace

std::string man_page_of_markdown(std::string_view markdown, const std::string& name, int section,
                                 const Release& release) {
  const std::size_t title = markdown.find("# ");
  std::string summary(markdown.substr(title + 2, markdown.find('\n', title) - title - 2));
  summary.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(summary.front())));
  std::string text = ".\\\" Generated from the documentation (launcher/manual).\n";
  text += roff_title(name, section, release.date, release.version);
  text += ".SH NAME\n" + roff_filled(roff(name) + " \\- " + inline_text(summary)) + ".SH DESCRIPTION\n";
  text += Converter().convert(markdown);
  return text + ".SH \"SEE ALSO\"\n\\fBvgpu\\-run\\fR(1), \\fBvgpuctl\\fR(1)\n";
}

}  // namespace vgpu::manual
