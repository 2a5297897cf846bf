// Who uses how much memory of which device: reserve first, then allocate, give back on failure, so that no two allocations
// that race can together exceed a device.
//
// One 64-bit counter per physical device. In this version they belong to the process; the shared session file takes their
// place behind the same functions. Sizes are charged as allocate() in memory.h rounds them.
#pragma once

#include <cstdint>

namespace vgpu::device::ledger {

// Charges `bytes` to `physical` unless that would exceed `limit`. Lock-free.
bool reserve(int physical, std::uint64_t bytes, std::uint64_t limit);

// Takes back what reserve() charged.
void give_back(int physical, std::uint64_t bytes);

std::uint64_t used(int physical);

}  // namespace vgpu::device::ledger
