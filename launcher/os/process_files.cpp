#include "launcher/os/process_files.h"

#include <algorithm>
#include <charconv>

namespace vgpu::os {
namespace {

constexpr std::uint64_t kKernelThread = 0x00200000;  // PF_KTHREAD, linux/sched.h

template <class Number>
bool number(std::string_view text, Number& value) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

std::string_view next_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \n"), text.size());
  const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

}  // namespace

std::optional<ProcessStatus> parse_process_status(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');  // the name may hold one, the rest does not
  if (open == std::string_view::npos || close == std::string_view::npos || close < open || open == 0) return {};
  ProcessStatus status;
  if (!number(text.substr(0, open - 1), status.pid)) return {};
  status.name = text.substr(open + 1, close - open - 1);
  text.remove_prefix(close + 1);
  const std::string_view state = next_word(text);
  if (state.size() != 1) return {};
  status.state = state.front();
  if (!number(next_word(text), status.parent)) return {};
  for (int i = 0; i < 4; ++i) next_word(text);  // group, session, terminal, its group
  std::uint64_t flags = 0;
  if (!number(next_word(text), flags)) return {};
  status.kernel_thread = (flags & kKernelThread) != 0;
  for (int i = 0; i < 12; ++i) next_word(text);
  if (!number(next_word(text), status.start)) return {};
  return status;
}

std::vector<std::string> parse_mapped_code(std::string_view text) {
  std::vector<std::string> files;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    next_word(line);  // addresses
    const std::string_view rights = next_word(line);
    for (int i = 0; i < 3; ++i) next_word(line);  // offset, device, inode
    const std::size_t begin = line.find_first_not_of(' ');
    if (begin == std::string_view::npos || line[begin] != '/' || rights.size() != 4 || rights[2] != 'x') continue;
    std::string path(line.substr(begin));
    if (std::find(files.begin(), files.end(), path) == files.end()) files.push_back(std::move(path));
  }
  return files;
}

std::vector<std::string> parse_strings(std::string_view bytes) {
  std::vector<std::string> strings;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    strings.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return strings;
}

}  // namespace vgpu::os
