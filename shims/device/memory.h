// Every piece of memory that the driver knows: device allocations, pinned and managed memory, registered host ranges.
//
// Rounding: device and managed memory is charged in units of 512 bytes (a real driver takes 2 MiB blocks and cuts small
// requests from them; ours keeps the books finer, so that what cuMemGetInfo shows is the sum of what was asked for).
// Managed memory counts against its device although a real one could page it out: a limit that one kind of allocation
// escapes is no limit. Pinned and registered host memory does not count.
#pragma once

#include <cstdint>

#include "shims/device/handles.h"

namespace vgpu::device {

// `variable` and `managed_variable` belong to a module and are freed with it, by no call of the program.
enum class MemoryKind : std::uint8_t { device, pooled, managed, pinned, registered, variable, managed_variable };

struct Memory {
  std::uint64_t base;
  std::uint64_t size;   // as asked for
  std::uint64_t id;     // unique in the process, CU_POINTER_ATTRIBUTE_BUFFER_ID
  Handle context;       // that made it; it dies with that context. 0: pooled memory, which belongs to a device
  Handle pool;          // pooled memory only
  std::int32_t device;  // visible ordinal
  std::uint32_t flags;  // as given to the call that made it
  MemoryKind kind;
  bool sync_memops;  // CU_POINTER_ATTRIBUTE_SYNC_MEMOPS

  // Advice on managed memory: stored and told, of no effect on the emulated device.
  bool read_mostly;
  std::int32_t preferred_type, preferred_id;  // CUmemLocation
  std::int32_t prefetched_type, prefetched_id;
  std::uint32_t accessed_by;  // bit 0 the host, bit n+1 device n

  std::uint64_t end() const { return base + size; }
  bool on_device() const {
    return kind == MemoryKind::device || kind == MemoryKind::pooled || kind == MemoryKind::variable;
  }
  bool is_managed() const { return kind == MemoryKind::managed || kind == MemoryKind::managed_variable; }
};

namespace memory {

enum class Outcome { done, out_of_memory, unknown, overlaps };

// Charges, allocates and enters `wanted` (size, device, kind, context, pool, flags; not `registered`); sets its base
// and id.
Outcome allocate(Memory& wanted);

// Enters a range of the program's own, [base, base + size); `overlaps` when a part of it is known already.
Outcome enter_registered(Memory& wanted);

// What holds `address` (any byte of it), copied out. False when nothing does.
bool find(std::uint64_t address, Memory& found);

// The same, by first byte only.
bool find_base(std::uint64_t base, Memory& found);

// Whether a part of [first, end), in whole pages, is the driver's: allocated, or kept for what will be.
bool touches(std::uint64_t first, std::uint64_t end);

// Changes the entry that holds `address` under the lock; false when there is none.
bool update(std::uint64_t address, void (*change)(Memory& memory, void* data), void* data);

// Ends the entry that starts at `base` when accept(kind): forgets, releases and gives back. `unknown` otherwise.
Outcome free(std::uint64_t base, bool (*accept)(MemoryKind kind), Memory* ended = nullptr);

// free() in two steps: forgets at once, so that nobody finds it any more, and gives the memory back later.
Outcome forget(std::uint64_t base, bool (*accept)(MemoryKind kind), Memory& ended);
void give_back(const Memory& ended);

// What `bytes` of device memory are charged as.
std::uint64_t charge(std::uint64_t bytes);

// Ends everything that belongs to a context or to a pool.
void free_context(Handle context);
void free_pool(Handle pool);

// Bytes of `physical` that are charged at the moment.
std::uint64_t used(int physical);

}  // namespace memory
}  // namespace vgpu::device
