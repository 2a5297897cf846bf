// The text files of /proc/PID, as values: proc(5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vgpu::os {

// Linux gives no process a higher number (linux/threads.h, PID_MAX_LIMIT).
inline constexpr int kLargestPid = 4194304;

struct ProcessStatus {  // /proc/PID/stat, which everybody may read
  int pid = 0;
  int parent = 0;
  std::string name;  // at most 15 bytes, any but 0: a program names itself
  char state = '?';
  bool kernel_thread = false;
  std::uint64_t start = 0;  // clock ticks since boot; with the pid it names a process for good
  bool ended() const { return state == 'Z' || state == 'X'; }
};

std::optional<ProcessStatus> parse_process_status(std::string_view text);

// The files of /proc/PID/maps that have code mapped, in the order of their addresses, each once. It is not the
// order of the look-up.
std::vector<std::string> parse_mapped_code(std::string_view text);

// /proc/PID/environ or cmdline: strings with a 0 behind each.
std::vector<std::string> parse_strings(std::string_view bytes);

}  // namespace vgpu::os
