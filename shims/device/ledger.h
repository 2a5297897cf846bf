// Who uses how much memory of which device, as this process sees and changes it: reserve first, then allocate, give
// back on failure, so that no two allocations that race can together exceed a device.
//
// With VGPU_SESSION the books are the session's (shims/session), shared by every process in it; without, they are the
// process's own, in the same form. Sizes are charged in units of 512 bytes, as allocate() in memory.h rounds them.
//
// Nothing here works in a child of fork(2) before life() there says `ready`, which it never does.
#pragma once

#include <cstdint>

namespace vgpu::device::ledger {

// Opens the books, once. False, with one line in the log, when there is a session that cannot be reached and
// VGPU_QUOTA requires it. Thread-safe, without a lock.
bool join();

// Charges `bytes` to `physical` unless that would exceed its limit. Lock-free. Before it says no it takes off the books
// what dead processes were charged.
bool reserve(int physical, std::uint64_t bytes);

// Takes back what reserve() charged.
void give_back(int physical, std::uint64_t bytes);

// Bytes charged to `physical`, by everybody in the session. What has been a dead process's for 50 ms is not counted.
std::uint64_t used(int physical);

// Bytes charged to `physical` for this process alone.
std::uint64_t own(int physical);

// This process has a context on `physical`, which is told beside what is charged. True: there is a session, and nobody
// in it has measured yet what a context takes.
bool note_context(int physical);
void set_context(int physical, std::uint64_t bytes);

// What may be charged at most, which is also what programs are told the device has. Can change at any time, also to
// less than is used.
std::uint64_t limit(int physical);

}  // namespace vgpu::device::ledger
