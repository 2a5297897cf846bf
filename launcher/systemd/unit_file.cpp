#include "launcher/systemd/unit_file.h"

#include <algorithm>

namespace vgpu::systemd {
namespace {

constexpr std::string_view kSpace = " \t\n\r";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// A backslash that no other one escapes.
bool continues(std::string_view line) {
  std::size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

class Reader {
 public:
  explicit Reader(UnitFile& file) : file_(file) {}

  void take(std::string_view line, unsigned first, unsigned last) {
    line = trimmed(line);
    if (line.empty()) return;
    if (line.front() == '[') {
      if (!line.ends_with(']')) return stray(line, first, "the section's name has no ']' behind it");
      section_ = line.substr(1, line.size() - 2);
      return;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return stray(line, first, "the line has no '='");
    if (equals == 0) return stray(line, first, "there is no name in front of the '='");
    file_.assignments.push_back({.section = section_,
                                 .key = std::string(trimmed(line.substr(0, equals))),
                                 .value = std::string(trimmed(line.substr(equals + 1))),
                                 .first_line = first,
                                 .last_line = last});
  }

 private:
  void stray(std::string_view line, unsigned at, std::string cause) {
    file_.strays.push_back({.line = at, .text = std::string(line), .cause = std::move(cause)});
  }

  UnitFile& file_;
  std::string section_;
};

}  // namespace

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

UnitFile parse_unit_file(std::string path, std::string text) {
  UnitFile file{.path = std::move(path), .text = std::move(text), .assignments = {}, .strays = {}};
  Reader reader(file);
  std::string joined;
  unsigned first = 0, number = 0;
  for (std::string& line : lines_of(file.text)) {
    ++number;
    if (number == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    // A comment within a continued line is left out, and the line goes on behind it.
    const std::size_t start = line.find_first_not_of(kSpace);
    if (start != std::string::npos && (line[start] == '#' || line[start] == ';')) continue;
    if (first == 0) {
      first = number;
      joined.clear();
    }
    joined += line;
    if (continues(joined)) {
      joined.back() = ' ';
      continue;
    }
    reader.take(joined, first, number);
    first = 0;
  }
  if (first != 0) reader.take(joined, first, number);
  return file;
}

bool is_yes(std::string_view value) {
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower == "1" || lower == "yes" || lower == "y" || lower == "true" || lower == "t" || lower == "on";
}

}  // namespace vgpu::systemd
