// The log of the shims: stderr, one write(2) a line, quiet unless VGPU_LOG asks for more. Safe at any time: no
// allocation, no lock, no stdio; errno stays as it was.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace vgpu::log {

enum class Level : int { error = 0, info = 1, debug = 2 };

// Whether lines of this level are written: VGPU_LOG is "error" (also when unset or unknown), "info" or "debug".
bool enabled(Level level);

// Writes "LIBRARY: PART PART ...\n" with the parts joined as they are; control characters become '?', and what does not
// fit into one line of 1 KiB is cut.
void line(Level level, std::string_view library, std::initializer_list<std::string_view> parts);

// An integer as a part of a line: log::line(Level::info, "libvgpu-cuda", {"device count ", log::Number(count).text()}).
class Number {
 public:
  explicit Number(std::int64_t value);
  static Number hexadecimal(std::uint64_t value);
  std::string_view text() const { return {digits_ + at_, sizeof digits_ - at_}; }

 private:
  Number() = default;
  char digits_[20];
  unsigned at_ = sizeof digits_;
};

}  // namespace vgpu::log

namespace vgpu {

// For a function that the virtual device does not have: one line of level `info` the first time, nothing after.
void not_supported_once(const char* library, const char* function, bool& logged);

}  // namespace vgpu
