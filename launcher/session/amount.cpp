#include "launcher/session/amount.h"

namespace vgpu::sessions {

std::string amount(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  unsigned power = 0;
  while (power < 6 && bytes >> (10 * (power + 1)) != 0) ++power;
  const std::uint64_t unit = std::uint64_t{1} << (10 * power);
  std::string text = std::to_string(bytes / unit);
  if (bytes % unit != 0) text.append(".").append(std::to_string(bytes % unit / (unit / 1024) * 10 / 1024));
  return text.append(" ").append(kUnits[power]);
}

}  // namespace vgpu::sessions
