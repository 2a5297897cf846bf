// The description of the virtual devices, as every shim sees it, and the text form ("wire format") in which the
// launcher hands it over in VGPU_DEVICE.
//
// Wire format, one line of printable text:   system '|' device '|' device ...
//   system and device are   key '=' value ( ';' key '=' value )*
//   integers are decimal unless said otherwise; names hold no ';', '|', '=' or control characters.
//   The keys, their limits and their places are the table in fields.h; every one is required.
// Unknown keys are ignored, so that a newer launcher can talk to older shims; a missing required key or a value out of
// range makes the whole description invalid (the shim then reports no device and logs the reason).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vgpu::device {

inline constexpr int kMaxDevices = 16;

struct Description {
  char id[32];    // "h100": the file name of the JSON description without its suffix
  char name[96];  // what cuDeviceGetName and nvmlDeviceGetName answer
  int cc_major;   // compute capability
  int cc_minor;
  std::uint64_t memory;  // bytes, what cuDeviceTotalMem and NVML answer as total
  int sms;               // multiprocessors
  int clock_khz;         // maximum SM clock
  int memory_clock_khz;  // maximum memory clock
  int memory_bus_bits;
  std::uint64_t l2;  // bytes
  int threads_per_sm;
  int blocks_per_sm;
  int registers_per_sm;
  int shared_per_block;        // bytes, without opt-in
  int shared_per_block_optin;  // bytes
  int shared_per_sm;           // bytes
  int copy_engines;
  std::uint64_t bar1;              // bytes
  std::uint32_t pci_device_id;     // device << 16 | vendor, as nvmlPciInfo_t.pciDeviceId; hexadecimal on the wire
  std::uint32_t pci_subsystem_id;  // hexadecimal on the wire
  unsigned pci_domain;             // hexadecimal on the wire, as in "0000:1b:00.0"
  unsigned pci_bus;
  unsigned pci_device;
  int pcie_generation;
  int pcie_width;
  int power_limit_mw;
  int ecc;                 // 1: enabled, 0: not supported
  int brand;               // nvmlBrandType_t
  unsigned char uuid[16];  // on the wire as "GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
};

struct System {
  char driver_version[32];  // "580.65.06", what nvmlSystemGetDriverVersion answers
  int cuda_version;         // 13000: what cuDriverGetVersion answers
  int count;                // devices in use, 0..kMaxDevices
  Description devices[kMaxDevices];
};

// Reads `wire` into `system`. On failure returns false, leaves `system` with count 0, and writes a one-line reason
// (0-terminated, truncated to `reason_size`) into `reason`. No allocation, no locale, no libc call.
bool parse(std::string_view wire, System& system, char* reason, std::size_t reason_size);

// The process's description: parsed once from VGPU_DEVICE, or from the default embedded at build time (config/devices)
// when that is unset. Thread-safe, never fails; after a bad description `count` is 0.
const System& system();

// Why `system()` has no device: parse()'s reason, or "" when the description was good.
const char* system_failure();

}  // namespace vgpu::device
