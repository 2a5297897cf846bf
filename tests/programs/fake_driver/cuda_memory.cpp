// Device memory, as a number: what is taken, by address or handle, and when it is really given back.
#include <cstdlib>
#include <map>
#include <mutex>

#include "tests/programs/fake_driver/memory.h"

namespace {

constexpr std::uint64_t kMemory = std::uint64_t{16} << 30;

struct Piece {
  int device;
  std::uint64_t bytes;
  int references;
  int mappings;
};

std::mutex lock;
std::map<std::uint64_t, Piece> pieces;
std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> mappings;  // address: size, handle
std::uint64_t used[16];
std::uint64_t most[16];
std::uint64_t next = 0x7f0000000000;

int current() {
  const char* text = std::getenv("FAKE_CURRENT");
  return text != nullptr ? std::atoi(text) : 0;
}

int take(const char* name, int device, std::uint64_t bytes, std::uint64_t& at) {
  if (const int failed = name != nullptr ? fake_failure(name) : 0) return failed;
  const std::lock_guard guard(lock);
  if (used[device] + bytes > kMemory) return kOutOfMemory;
  used[device] += bytes;
  if (used[device] > most[device]) most[device] = used[device];
  at = next;
  next += (bytes + 0x1fffff) & ~std::uint64_t{0x1fffff};
  if (bytes == 0) next += 0x200000;
  pieces[at] = {device, bytes, 1, 0};
  return 0;
}

void drop_if_unused(std::map<std::uint64_t, Piece>::iterator piece) {
  if (piece->second.references > 0 || piece->second.mappings > 0) return;
  used[piece->second.device] -= piece->second.bytes;
  pieces.erase(piece);
}

int drop(const char* name, std::uint64_t at) {
  if (const int failed = name != nullptr ? fake_failure(name) : 0) return failed;
  const std::lock_guard guard(lock);
  const auto piece = pieces.find(at);
  if (piece == pieces.end()) return at == 0 ? 0 : kInvalid;
  --piece->second.references;
  drop_if_unused(piece);
  return 0;
}

struct Properties {
  int type, handle_types, location_type, location;
};
struct Array {
  std::size_t width, height, depth;
  int format;
  unsigned channels, flags;
};
struct Flat {
  std::size_t width, height;
  int format;
  unsigned channels;
};

// A layout of its own: 1 MiB more than the pixels, so that nobody gets it right by multiplying.
std::uint64_t size_of(const Array& array) {
  if ((array.flags & 0xc0) != 0) return 0;
  return (array.width * (array.height == 0 ? 1 : array.height) * (array.depth == 0 ? 1 : array.depth) *
          array.channels) +
         (1 << 20);
}
std::map<std::uint64_t, Array> deferred;

int make_array(const char* name, std::uint64_t* array, const Array& of, std::uint64_t factor) {
  const int result = take(name, current(), size_of(of) * factor, *array);
  Array whole = of;
  whole.flags = 0;
  const std::lock_guard guard(lock);
  if (result == 0) deferred[*array] = whole;
  return result;
}

}  // namespace

int fake_take(const char* name, int device, std::uint64_t bytes, std::uint64_t* at) {
  return take(name, device, bytes, *at);
}
int fake_drop(const char* name, std::uint64_t at) { return drop(name, at); }

extern "C" {
std::uint64_t fake_used(int device) {
  const std::lock_guard guard(lock);
  return used[device];
}
std::uint64_t fake_most_used(int device) {
  const std::lock_guard guard(lock);
  return most[device];
}

int cuDeviceTotalMem_v2(std::size_t* total, int) { return *total = kMemory, 0; }
int cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return *free = kMemory - fake_used(current()), *total = kMemory, 0;
}

int cuMemAlloc_v2(std::uint64_t* at, std::size_t bytes) { return take("cuMemAlloc_v2", current(), bytes, *at); }
int cuMemAllocManaged(std::uint64_t* at, std::size_t bytes, unsigned) {
  return take("cuMemAllocManaged", current(), bytes, *at);
}
int cuMemAllocPitch_v2(std::uint64_t* at, std::size_t* pitch, std::size_t width, std::size_t height, unsigned) {
  // FAKE_PITCH: another alignment than the one that the shim takes for granted
  const char* text = std::getenv("FAKE_PITCH");
  const std::size_t alignment = text != nullptr ? std::strtoul(text, nullptr, 10) : 512;
  *pitch = (width + alignment - 1) / alignment * alignment;
  return take("cuMemAllocPitch_v2", current(), *pitch * height, *at);
}
int cuMemFree_v2(std::uint64_t at) {
  const int status = fake_pool_free("cuMemFree_v2", at);
  if (status != kNotOfAPool) {
    if (status == 0) fake_release_pools();  // it waits
    return status;
  }
  return fake_drop("cuMemFree_v2", at);
}
int cuImportExternalMemory(std::uint64_t* memory, const std::uint64_t* description) {
  return fake_take("cuImportExternalMemory", current(), description[3], memory);
}
int cuDestroyExternalMemory(std::uint64_t memory) { return fake_drop("cuDestroyExternalMemory", memory); }
int cuMemImportFromShareableHandle(std::uint64_t* handle, std::uint64_t shared, int) {
  // What was exported here comes back as the same handle, with one owner more; anything else is another process's.
  const std::lock_guard guard(lock);
  const auto piece = pieces.find(shared);
  if (piece == pieces.end()) return *handle = 0x7777, 0;
  ++piece->second.references;
  return *handle = shared, 0;
}
int cuMemCreate(std::uint64_t* handle, std::size_t bytes, const Properties* of, std::uint64_t) {
  return take("cuMemCreate", of->location, bytes, *handle);
}
int cuMemRelease(std::uint64_t handle) { return drop("cuMemRelease", handle); }
int cuMemMap(std::uint64_t at, std::size_t bytes, std::size_t, std::uint64_t handle, std::uint64_t) {
  if (const int failed = fake_failure("cuMemMap")) return failed;
  const std::lock_guard guard(lock);
  const auto piece = pieces.find(handle);
  if (piece == pieces.end()) return kInvalid;
  ++piece->second.mappings;
  mappings[at] = {bytes, handle};
  return 0;
}
int cuMemUnmap(std::uint64_t at, std::size_t bytes) {
  if (const int failed = fake_failure("cuMemUnmap")) return failed;
  const std::lock_guard guard(lock);
  for (auto mapping = mappings.lower_bound(at); mapping != mappings.end() && mapping->first < at + bytes;) {
    const auto piece = pieces.find(mapping->second.second);
    --piece->second.mappings;
    drop_if_unused(piece);
    mapping = mappings.erase(mapping);
  }
  return 0;
}
int cuMemRetainAllocationHandle(std::uint64_t* handle, std::uint64_t at) {
  const std::lock_guard guard(lock);
  for (const auto& [address, mapping] : mappings) {
    if (at < address || at >= address + mapping.first) continue;
    ++pieces[mapping.second].references;
    return *handle = mapping.second, 0;
  }
  return kInvalid;
}

int cuArray3DCreate_v2(std::uint64_t* array, const Array* of) {
  return make_array("cuArray3DCreate_v2", array, *of, 1);
}
int cuArrayCreate_v2(std::uint64_t* array, const Flat* of) {
  return make_array("cuArrayCreate_v2", array, {of->width, of->height, 0, of->format, of->channels, 0}, 1);
}
int cuArrayDestroy(std::uint64_t array) { return drop("cuArrayDestroy", array); }
int cuMipmappedArrayCreate(std::uint64_t* array, const Array* of, unsigned levels) {
  return make_array("cuMipmappedArrayCreate", array, *of, levels);
}
int cuMipmappedArrayDestroy(std::uint64_t array) { return drop("cuMipmappedArrayDestroy", array); }
// FAKE_OLD: a driver that does not tell.
int cuArrayGetMemoryRequirements(std::uint64_t* needs, std::uint64_t array, int) {
  if (std::getenv("FAKE_OLD") != nullptr) return 801;
  const std::lock_guard guard(lock);
  return needs[0] = size_of(deferred[array]), needs[1] = 65536, 0;
}
int cuMipmappedArrayGetMemoryRequirements(std::uint64_t* needs, std::uint64_t array, int) {
  if (std::getenv("FAKE_OLD") != nullptr) return 801;
  const std::lock_guard guard(lock);
  return needs[0] = size_of(deferred[array]) * 3, needs[1] = 65536, 0;  // the test asks for three levels
}
}
