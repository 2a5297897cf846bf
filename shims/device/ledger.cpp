#include "shims/device/ledger.h"

#include <atomic>

#include "shims/device/description.h"

namespace vgpu::device::ledger {
namespace {

constinit std::atomic<std::uint64_t> charged[kMaxDevices] = {};

}  // namespace

bool reserve(int physical, std::uint64_t bytes, std::uint64_t limit) {
  std::uint64_t before = charged[physical].load(std::memory_order_relaxed);
  do {
    if (before > limit || bytes > limit - before) return false;
  } while (!charged[physical].compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  return true;
}

void give_back(int physical, std::uint64_t bytes) { charged[physical].fetch_sub(bytes, std::memory_order_relaxed); }

std::uint64_t used(int physical) { return charged[physical].load(std::memory_order_relaxed); }

}  // namespace vgpu::device::ledger
