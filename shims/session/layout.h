// The session file: what it holds and where. Freestanding; the shims and vgpuctl map the same bytes.
//
// Nothing read from the file is trusted: whoever owns it may write anything into it. The sizes below are constants of
// the version and never read; an index that comes from the file is cut to its width (a slot number has 12 bits and
// there are 4096 slots) or compared with the constant first.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vgpu::session {

inline constexpr std::uint64_t kMagic = 0x6e6f697373657376;  // "vsession"
inline constexpr std::uint32_t kVersion = 2;
inline constexpr int kDevices = 16;
inline constexpr unsigned kSlots = 4096;
// Charges are counted in units of 512 bytes, so that a total and what was last done to it fit into 16 bytes (books.h).
inline constexpr std::uint64_t kUnit = 512;

// Changed by cmpxchg16b only.
struct alignas(16) Pair {
  std::uint64_t low;
  std::uint64_t high;
  bool operator==(const Pair&) const = default;
};

// One device: its total, its limit and what it is. Nobody's, kept, taken, described: places.h.
struct alignas(64) Account {
  Pair word;                           // the total in units, and the last operation on it: books.cpp
  std::uint64_t limit;                 // bytes; `vgpuctl limit` stores here, the next reservation obeys
  std::uint64_t memory;                // bytes that the device has; 0: nobody has described it yet
  alignas(16) unsigned char uuid[16];  // which device this is; zeros: none yet. Changed once, by cmpxchg16b
  char name[64];                       // for people; cut where it is longer
  std::uint64_t context;               // bytes that a context takes beside what is charged; 0: nobody has measured it
  std::uint64_t asked;                 // what `vgpuctl limit` was told: bytes or a percentage (places.h); 0: nothing
  char kept[48];  // for whom the place is kept: a UUID, also in part, or a PCI address; never changes
};

// One process.
struct alignas(64) Slot {
  std::uint64_t owner;          // generation << 32 | pid; pid 0: nobody
  std::uint64_t start;          // field 22 of /proc/PID/stat; 0 unknown
  std::uint64_t pid_namespace;  // inode of /proc/PID/ns/pid, in which `owner` has its meaning; 0 unknown
  std::uint64_t contexts;       // bit n: the owner has a context on device n
  std::uint64_t unused[4];
  Pair records[kDevices];  // low: units charged, high: number of the last operation that is in it
};

struct alignas(64) Header {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t size;     // of the whole file
  std::uint32_t devices;  // accounts below it have been described; never shrinks
  std::uint32_t top;      // slots below it have been used; never shrinks
  std::uint32_t changed;  // `vgpuctl limit` was here
};

struct Layout {
  Header header;
  Account accounts[kDevices];
  Slot slots[kSlots];
};

static_assert(sizeof(Header) == 64 && sizeof(Account) == 192 && sizeof(Slot) == 320);
static_assert(sizeof(Layout) < std::uint64_t{1} << 31);

// The file's name: this, then PID-RANDOM-DEVICE (session_device in file.h).
inline constexpr char kNamePrefix[] = "vgpu-session-";

// The kernel's locks on the file, one byte a slot, far behind its end (a lock needs no data under it).
inline constexpr std::int64_t kLockBase = std::int64_t{1} << 40;

}  // namespace vgpu::session
