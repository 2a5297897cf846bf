// The keys of a device description: one table that the parser in the shims, the reader of config/devices in the
// launcher and the tests share, so that wire format, JSON files and limits cannot drift apart.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shims/device/description.h"

namespace vgpu::device {

enum class FieldKind {
  text,         // char[]: printable, not empty, none of ; | =
  integer,      // int or std::uint64_t, by `size`
  hexadecimal,  // std::uint32_t, "0x233010de"
  capability,   // cc_major and cc_minor, "9.0"
  address,      // pci_domain, pci_bus, pci_device: "0000:1b:00.0"
  uuid,         // unsigned char[16]
};

struct Field {
  const char* key;
  FieldKind kind;
  std::uint16_t offset;  // in Description, or in System for kSystemFields
  std::uint16_t size;
  std::uint64_t least;  // limits of integers; a capability is compared as 10 * major + minor
  std::uint64_t most;
  bool instance;  // differs from device to device of one kind: computed by the launcher, not in the JSON file
};

#define VGPU_FIELD(key, kind, member, least, most, instance) \
  Field { key, FieldKind::kind, offsetof(Description, member), sizeof(Description::member), least, most, instance }

// Limits are what hardware could plausibly have, not what today's has: a description is there to be played with.
inline constexpr Field kDeviceFields[] = {
    VGPU_FIELD("id", text, id, 0, 0, true),
    VGPU_FIELD("name", text, name, 0, 0, false),
    VGPU_FIELD("compute_capability", capability, cc_major, 10, 999, false),
    VGPU_FIELD("memory_bytes", integer, memory, std::uint64_t{64} << 20, std::uint64_t{16} << 40, false),
    VGPU_FIELD("multiprocessors", integer, sms, 1, 4096, false),
    VGPU_FIELD("clock_khz", integer, clock_khz, 1000, 10'000'000, false),
    VGPU_FIELD("memory_clock_khz", integer, memory_clock_khz, 1000, 100'000'000, false),
    VGPU_FIELD("memory_bus_bits", integer, memory_bus_bits, 8, 65536, false),
    VGPU_FIELD("l2_bytes", integer, l2, 0, std::uint64_t{1} << 31, false),
    VGPU_FIELD("threads_per_multiprocessor", integer, threads_per_sm, 512, 65536, false),
    VGPU_FIELD("blocks_per_multiprocessor", integer, blocks_per_sm, 1, 1024, false),
    VGPU_FIELD("registers_per_multiprocessor", integer, registers_per_sm, 8192, 1 << 24, false),
    VGPU_FIELD("shared_per_block_bytes", integer, shared_per_block, 16384, 1 << 24, false),
    VGPU_FIELD("shared_per_block_optin_bytes", integer, shared_per_block_optin, 16384, 1 << 24, false),
    VGPU_FIELD("shared_per_multiprocessor_bytes", integer, shared_per_sm, 16384, 1 << 24, false),
    VGPU_FIELD("copy_engines", integer, copy_engines, 0, 64, false),
    VGPU_FIELD("bar1_bytes", integer, bar1, std::uint64_t{1} << 20, std::uint64_t{16} << 40, false),
    VGPU_FIELD("pci_device_id", hexadecimal, pci_device_id, 0, 0xffffffff, false),
    VGPU_FIELD("pci_subsystem_id", hexadecimal, pci_subsystem_id, 0, 0xffffffff, false),
    VGPU_FIELD("pci_address", address, pci_domain, 0, 0, true),
    VGPU_FIELD("pcie_generation", integer, pcie_generation, 1, 7, false),
    VGPU_FIELD("pcie_width", integer, pcie_width, 1, 32, false),
    VGPU_FIELD("power_limit_mw", integer, power_limit_mw, 1000, 10'000'000, false),
    VGPU_FIELD("ecc", integer, ecc, 0, 1, false),
    VGPU_FIELD("brand", integer, brand, 0, 18, false),
    VGPU_FIELD("uuid", uuid, uuid, 0, 0, true),
};

#undef VGPU_FIELD

inline constexpr Field kSystemFields[] = {
    {"driver_version", FieldKind::text, offsetof(System, driver_version), sizeof(System::driver_version), 0, 0, true},
    {"cuda_version", FieldKind::integer, offsetof(System, cuda_version), sizeof(System::cuda_version), 1000, 99999,
     true},
};

}  // namespace vgpu::device
