// Memory that the driver keeps in bulk: pools, and the memory of graphs. What is freed there stays reserved, by the
// pool's release threshold or until the next synchronisation, and nobody else can have it. So a pool is charged for
// what it keeps reserved, or for what is in use where that is more; not for its allocations one by one.
//
//   before an allocation   charged for what will be in use
//   behind it              settled: the driver is asked what it reserved. Where that is more than the quota has left,
//   the
//                          allocation is undone
//   behind a free, a synchronisation, a trim, and before anything is refused: settled
//
// What was released is noticed then, not at the moment that it happened: between, the charge is too high, never too
// low.
#pragma once

#include "shims/slice/driver.h"

namespace vgpu::slice {

using Pool = void*;  // CUmemoryPool

// Its number in our books, made at first sight; -1: it is none that costs a device memory, or there is no room in the
// books. `otherwise`: whose device it is, where neither we nor the driver know that (the session's number).
int pool_number(Pool pool, int otherwise);

// A pool that was made on a device (the session's number; -1: it is on none), and its end.
void pool_made(Pool pool, int device);
void pool_ended(Pool pool);

int pool_device(int number);

// Charges for an allocation that is to come; false: not to be had, also with what our pools could release. `bytes` in
// whole units.
bool pool_take(int number, std::uint64_t bytes);
// What the driver did not do after all, or what was freed. Settles.
void pool_drop(int number, std::uint64_t bytes);
// Behind an allocation. False: the pool grew by more than the quota has left.
bool pool_settle(int number);
// What was reserved for the allocation that has just been undone is given up, too, as far as the driver can.
void pool_trim(int number);

// The memory of graphs on a device: grant() before what may take up to `bytes`, granted() behind it. False: not to be
// had.
bool graph_grant(int device, std::uint64_t bytes);
bool graph_granted(int device, std::uint64_t bytes);
void graph_settle(int device);

// Behind a synchronisation: what pools have released. One load where there is nothing to look for.
void settle_released();

// Charges `bytes` to a device; before it says no, what this process's pools keep and do not need is released.
bool reserve(int device, std::uint64_t bytes);

constexpr std::uint64_t whole_units(std::uint64_t bytes) {
  return bytes > UINT64_MAX - 511 ? bytes : (bytes + 511) / 512 * 512;
}

}  // namespace vgpu::slice
