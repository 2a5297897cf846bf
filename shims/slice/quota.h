// What an allocation costs: charged before the driver is asked for it, given back when the driver says no.
//
// Only in a launch with a session or a limit; without, every function of ours is the driver's, and nothing is kept.
#pragma once

#include "shims/device/ledger.h"
#include "shims/slice/charges.h"
#include "shims/slice/context_reserve.h"
#include "shims/slice/devices.h"
#include "shims/slice/driver.h"
#include "shims/slice/pools.h"

namespace vgpu::slice {

// Whether there is a quota in this process.
bool has_quota();

// allocate() behind a charge of `bytes` to device `number` (-1: not a device that we know; the driver's own answer
// then); key() names what it made, for the day it is freed.
template <class Allocate, class Key>
CUresult charged(Kind kind, int number, std::uint64_t bytes, Allocate allocate, Key key) {
  if (number < 0) return allocate();
  if (!reserve(number, bytes)) return cuda::CUDA_ERROR_OUT_OF_MEMORY;
  const CUresult result = allocate();
  if (result != cuda::CUDA_SUCCESS) {
    device::ledger::give_back(number, bytes);
    return result;
  }
  remember({.kind = kind, .device = number, .key = key(), .bytes = bytes, .references = 1, .mappings = 0});
  context_noticed(number);
  return result;
}

// What is not there any more. Memory of a pool goes back to the pool, and what becomes of it is the pool's affair.
inline void give_back(const Charge& charge) {
  if (charge.kind == Kind::address && charge.references > 1) {
    pool_drop(static_cast<int>(charge.references) - 2, charge.bytes);
  } else {
    device::ledger::give_back(charge.device, charge.bytes);
  }
}

// release() of what `key` names. What we do not know of is the driver's own affair. The charge is taken out of the
// books first: behind the driver's release another thread may have the same address again.
template <class Release>
CUresult released(Kind kind, std::uint64_t key, Release release) {
  Charge charge = {};
  const bool ours = has_quota() && forget(kind, key, charge);
  const CUresult result = release();
  if (!ours) return result;
  if (result == cuda::CUDA_SUCCESS) {
    give_back(charge);
  } else {
    remember(charge);
  }
  return result;
}

}  // namespace vgpu::slice
