// The figures of a device that idles, which is all that the emulated one ever does: constant, so that tests can rely on
// them, and such as an idle H100 shows (345 MHz, a tenth of its 700 W, 33 C; measured with driver 580), scaled by the
// description.
#pragma once

#include "shims/nvml/call.h"

namespace vgpu::nvml {

inline constexpr unsigned kTemperature = 33;  // degrees Celsius
inline constexpr unsigned kMaximumTemperature = 87;
inline constexpr unsigned kClockStep = 15;  // MHz between two supported graphics clocks

enum class Domain { graphics = 0, sm = 1, memory = 2, video = 3 };
inline constexpr unsigned kDomains = 4;

inline unsigned maximum_clock(const Description& device, Domain domain) {
  const auto graphics = static_cast<unsigned>(device.clock_khz) / 1000;
  switch (domain) {
    case Domain::memory: return static_cast<unsigned>(device.memory_clock_khz) / 1000;
    case Domain::video: return graphics * 78 / 100;
    default: return graphics;
  }
}

// The least clock, and the one it runs at; the memory has one only.
inline unsigned idle_clock(const Description& device, Domain domain) {
  const unsigned maximum = maximum_clock(device, domain);
  if (domain == Domain::memory) return maximum;
  const unsigned idle = domain == Domain::video ? 765 : 345;
  return idle < maximum ? idle : maximum;
}

inline unsigned power_limit(const Description& device) { return static_cast<unsigned>(device.power_limit_mw); }
inline unsigned least_power_limit(const Description& device) { return power_limit(device) / 7 * 2; }
inline unsigned idle_power(const Description& device) { return power_limit(device) / 10; }

// Millijoules since the machine started.
unsigned long long energy(const Description& device);

// Microseconds since 1970.
unsigned long long now();

}  // namespace vgpu::nvml
