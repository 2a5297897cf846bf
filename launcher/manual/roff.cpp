#include "launcher/manual/roff.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace vgpu::manual {
namespace {

constexpr std::size_t kWidth = 78;

// A line that begins with these is a request; \& in front of it is nothing.
std::string guarded(std::string line) {
  if (!line.empty() && (line.front() == '.' || line.front() == '\'')) line.insert(0, "\\&");
  return line;
}

}  // namespace

std::string roff(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '~')
      result += "\\(ti";
    else if (c == '^')
      result += "\\(ha";
    else if (c == '`')
      result += "\\(ga";
    else if (c == '\'')
      result += "\\(aq";
    else if (c < 0x80)
      result += static_cast<char>(c);
    else {
      const std::size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
      unsigned code = c & (0xffU >> (length + 1));
      for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
        code = code << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
      char name[16];
      std::snprintf(name, sizeof name, "\\[u%04X]", code);
      result += name;
      i += length - 1;
    }
  }
  return result;
}

std::string roff_argument(std::string_view text) {
  std::string result = "\"";
  for (const char c : roff(text)) result.append(c == '"' ? "\\(dq" : std::string(1, c));
  return result + "\"";
}

std::string roff_filled(std::string_view text) {
  std::string result;
  std::string line;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    const std::string word(text.substr(begin, end - begin));
    begin = end + 1;
    if (word.empty()) continue;
    if (!line.empty() && line.size() + 1 + word.size() > kWidth) {
      result.append(guarded(line)).append("\n");
      line.clear();
    }
    line.append(line.empty() ? "" : " ").append(word);
  }
  if (!line.empty()) result.append(guarded(line)).append("\n");
  return result;
}

std::string roff_example(std::string_view text, bool first) {
  std::string result = first ? ".RS 4\n.nf\n" : ".PP\n.RS 4\n.nf\n";
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    result.append(guarded(roff(text.substr(begin, end - begin)))).append("\n");
    begin = end + 1;
  }
  return result.append(".fi\n.RE\n");
}

std::string roff_title(const std::string& name, int section, const std::string& date, const std::string& version) {
  std::string upper = name;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::string(".TH ")
      .append(roff_argument(upper))
      .append(" ")
      .append(std::to_string(section))
      .append(" ")
      .append(date)
      .append(" ")
      .append(roff_argument("vgpu-run " + version))
      .append(" ")
      .append(roff_argument(section == 1 ? "User Commands" : "File Formats"))
      .append("\n");
}

}  // namespace vgpu::manual
