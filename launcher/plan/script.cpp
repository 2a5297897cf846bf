#include "launcher/plan/script.h"

namespace vgpu::plan {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::optional<Shebang> parse_shebang(std::string_view head) {
  if (!head.starts_with("#!")) return std::nullopt;
  // The kernel's buffer is filled up with zeros where the file is shorter.
  std::string buffer(head.substr(0, kShebangBytes));
  buffer.resize(kShebangBytes, '\0');
  const std::size_t last = kShebangBytes - 1;
  const auto terminator = [&](std::size_t from, std::size_t to) {  // space, tab or 0 in [from, to], else npos
    for (std::size_t i = from; i <= to; ++i) {
      if (is_blank(buffer[i]) || buffer[i] == '\0') return i;
    }
    return std::string::npos;
  };
  const auto non_blank = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i <= to; ++i) {
      if (!is_blank(buffer[i])) return i;
    }
    return std::string::npos;
  };

  std::size_t end = std::string::npos;
  for (std::size_t i = 0; i < kShebangBytes && buffer[i] != '\0'; ++i) {
    if (buffer[i] == '\n') {
      end = i;
      break;
    }
  }
  if (end == std::string::npos) {
    const std::size_t name = non_blank(2, last);
    if (name == std::string::npos || terminator(name, last) == std::string::npos) return std::nullopt;
    end = last;
  }
  while (is_blank(buffer[end - 1])) --end;
  const std::size_t name = non_blank(2, end);
  if (name == std::string::npos || name >= end) return std::nullopt;

  Shebang result;
  const std::size_t separator = terminator(name, end);
  const std::size_t name_end = separator == std::string::npos ? end : separator;
  result.interpreter = buffer.substr(name, std::min(name_end, end) - name);
  if (separator != std::string::npos && separator < end && buffer[separator] != '\0') {
    const std::size_t argument = non_blank(separator, end);
    if (argument != std::string::npos && argument < end) {
      result.argument = buffer.substr(argument, end - argument);
      if (const std::size_t zero = result.argument.find('\0'); zero != std::string::npos) result.argument.resize(zero);
    }
  }
  if (result.interpreter.empty()) return std::nullopt;  // a 0 right behind "#!"
  return result;
}

}  // namespace vgpu::plan
