#include "shims/device/log.h"

#include <errno.h>
#include <unistd.h>

#include <atomic>

#include "shims/contract.h"
#include "shims/device/setting.h"

namespace vgpu {
namespace {

constinit std::atomic<int> level_cache = -1;

int configured_level() {
  int level = level_cache.load(std::memory_order_relaxed);
  if (level >= 0) return level;
  const char* text = setting(contract::kLog);
  const std::string_view name = text != nullptr ? text : "";
  level = name == "debug" ? 2 : name == "info" ? 1 : 0;
  level_cache.store(level, std::memory_order_relaxed);
  return level;
}

}  // namespace

bool log::enabled(Level level) { return static_cast<int>(level) <= configured_level(); }

void log::line(Level level, std::string_view library, std::initializer_list<std::string_view> parts) {
  if (!enabled(level)) return;
  const int saved = errno;
  char text[1024];
  std::size_t length = 0;
  const auto append = [&](std::string_view part) {
    for (const char c : part) {
      if (length + 1 >= sizeof text) return;
      const auto byte = static_cast<unsigned char>(c);
      text[length++] = byte < 0x20 || byte == 0x7f ? '?' : c;
    }
  };
  append(library);
  append(": ");
  for (const std::string_view part : parts) append(part);
  text[length++] = '\n';
  // A log that cannot be written is nobody's problem but the reader's: the result is not looked at.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, length);
  errno = saved;
}

log::Number::Number(std::int64_t value) {
  auto rest = static_cast<std::uint64_t>(value);
  if (value < 0) rest = 0 - rest;
  do {
    digits_[--at_] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0) digits_[--at_] = '-';
}

log::Number log::Number::hexadecimal(std::uint64_t value) {
  Number number;
  do {
    number.digits_[--number.at_] = "0123456789abcdef"[value % 16];
    value /= 16;
  } while (value != 0);
  number.digits_[--number.at_] = 'x';
  number.digits_[--number.at_] = '0';
  return number;
}

void not_supported_once(const char* library, const char* function, bool& logged) {
  if (__atomic_exchange_n(&logged, true, __ATOMIC_RELAXED)) return;
  log::line(log::Level::info, library, {function, ": not supported by the virtual device"});
}

}  // namespace vgpu
