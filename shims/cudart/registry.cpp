#include "shims/cudart/registry.h"

#include <pthread.h>
#include <stdlib.h>

#include <cstring>

#include "shims/device/log.h"

namespace vgpu::cudart {

namespace {

// Entries stay where they are: a handle of a kernel is the address of its entry.
struct Chunk {
  static constexpr int kEntries = 64;
  Chunk* next;
  int count;
  Entry entries[kEntries];
};

}  // namespace

struct FatBinary {
  FatBinary* next;
  FatBinary** link;  // what points to us
  const FatBinaryWrapper* wrapper;
  Chunk* first;
  Chunk* last;
  Chunk* indexed_chunk;  // up to here, and up to this entry of it, the index knows us
  int indexed_count;
  CUmodule modules[kMaxDevices];
};

namespace {

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

struct Guard {
  Guard() { pthread_mutex_lock(&mutex); }
  ~Guard() { pthread_mutex_unlock(&mutex); }
};

FatBinary* binaries = nullptr;
std::size_t registered = 0;  // live entries

// Open addressing, linear probing, a power of two; at most half full. Empty until the first question.
struct Index {
  Entry** slots;
  std::size_t capacity;
  std::size_t used;
};
Index entry_index = {};

template <class T>
T* make(std::size_t count = 1) {
  return static_cast<T*>(calloc(count, sizeof(T)));
}

std::size_t hash(const void* host) {
  const std::uint64_t mixed = reinterpret_cast<std::uint64_t>(host) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(mixed >> 20);
}

void drop_index() {
  free(entry_index.slots);
  entry_index = {};
  for (FatBinary* binary = binaries; binary != nullptr; binary = binary->next) {
    binary->indexed_chunk = nullptr;
    binary->indexed_count = 0;
  }
}

// The first registration of an address wins, as it does when the same header-only kernel stands in two
// modules.
void insert(Entry& entry) {
  std::size_t slot = hash(entry.host) & (entry_index.capacity - 1);
  while (entry_index.slots[slot] != nullptr && entry_index.slots[slot]->host != entry.host) {
    slot = (slot + 1) & (entry_index.capacity - 1);
  }
  if (entry_index.slots[slot] == nullptr) entry_index.slots[slot] = &entry;
  ++entry_index.used;
}

void index_new_entries(FatBinary& binary) {
  Chunk* chunk = binary.indexed_chunk != nullptr ? binary.indexed_chunk : binary.first;
  int at = binary.indexed_chunk != nullptr ? binary.indexed_count : 0;
  for (; chunk != nullptr; chunk = chunk->next, at = 0) {
    for (; at < chunk->count; ++at) insert(chunk->entries[at]);
    binary.indexed_chunk = chunk;
    binary.indexed_count = at;
  }
}

bool refresh_index() {
  if (entry_index.used == registered) return registered > 0;
  if (registered * 2 > entry_index.capacity) {
    drop_index();
    std::size_t capacity = 1024;
    while (capacity < registered * 4) capacity *= 2;
    entry_index.slots = make<Entry*>(capacity);
    if (entry_index.slots == nullptr) return false;
    entry_index.capacity = capacity;
  }
  for (FatBinary* binary = binaries; binary != nullptr; binary = binary->next) index_new_entries(*binary);
  return true;
}

template <class Body>
void for_each_entry(const FatBinary& binary, Body&& body) {
  for (Chunk* chunk = binary.first; chunk != nullptr; chunk = chunk->next) {
    for (int i = 0; i < chunk->count; ++i) body(chunk->entries[i]);
  }
}

// The code asks for a managed variable by the address of its memory, which no registration has.
Entry* find_managed(const void* memory) {
  Entry* found = nullptr;
  for (FatBinary* binary = binaries; binary != nullptr; binary = binary->next) {
    for_each_entry(*binary, [&](Entry& entry) {
      if (entry.kind == Kind::managed && entry.made != nullptr && entry.made[0] == memory) found = &entry;
    });
  }
  return found;
}

bool make_places(Entry& entry) {
  if (entry.made == nullptr) entry.made = make<void*>(kMaxDevices);
  return entry.made != nullptr;
}

CUresult load_module(const Driver& driver, FatBinary& binary, int device, CUmodule& module) {
  module = binary.modules[device];
  if (module != nullptr) return cuda::CUDA_SUCCESS;
  const CUresult result = driver.ModuleLoadFatBinary(&module, binary.wrapper->data);
  if (result == cuda::CUDA_SUCCESS) binary.modules[device] = module;
  return result;
}

// Where a driver that loads modules has put a variable. The emulated device loads none: its variables get
// memory of their own.
bool in_module(const Driver& driver, const Entry& entry, int device, CUdeviceptr& memory) {
  CUmodule module = nullptr;
  std::size_t size = 0;
  return load_module(driver, *entry.owner, device, module) == cuda::CUDA_SUCCESS &&
         driver.ModuleGetGlobal(&memory, &size, module, entry.name) == cuda::CUDA_SUCCESS;
}

void say_that_variables_are_zero() {
  static constinit bool said = false;
  if (__atomic_exchange_n(&said, true, __ATOMIC_RELAXED)) return;
  log::line(log::Level::info, kLibrary,
            {"device variables begin as zeros: initial values in device code are not read"});
}

}  // namespace

FatBinary* add_fat_binary(const FatBinaryWrapper* wrapper) {
  auto* binary = make<FatBinary>();
  if (binary == nullptr) return nullptr;
  binary->wrapper = wrapper;
  const Guard guard;
  binary->next = binaries;
  binary->link = &binaries;
  if (binaries != nullptr) binaries->link = &binary->next;
  binaries = binary;
  return binary;
}

void remove_fat_binary(FatBinary* binary) {
  if (binary == nullptr) return;
  const Guard guard;
  if (entry_index.slots != nullptr) drop_index();
  *binary->link = binary->next;
  if (binary->next != nullptr) binary->next->link = binary->link;
  for (Chunk* chunk = binary->first; chunk != nullptr;) {
    for (int i = 0; i < chunk->count; ++i) free(chunk->entries[i].made);
    registered -= static_cast<std::size_t>(chunk->count);
    Chunk* next = chunk->next;
    free(chunk);
    chunk = next;
  }
  free(binary);
}

void add_entry(FatBinary* binary, Kind kind, const void* host, const char* name, std::size_t size) {
  if (binary == nullptr) return;
  const Guard guard;
  if (binary->last == nullptr || binary->last->count == Chunk::kEntries) {
    auto* chunk = make<Chunk>();
    if (chunk == nullptr) return;
    (binary->last != nullptr ? binary->last->next : binary->first) = chunk;
    binary->last = chunk;
  }
  Entry& entry = binary->last->entries[binary->last->count++];
  entry = {host, name, binary, nullptr, size, kind};
  ++registered;
}

Entry* find_entry(const void* host) {
  const Guard guard;
  if (host == nullptr || !refresh_index()) return nullptr;
  std::size_t slot = hash(host) & (entry_index.capacity - 1);
  while (entry_index.slots[slot] != nullptr) {
    if (entry_index.slots[slot]->host == host) return entry_index.slots[slot];
    slot = (slot + 1) & (entry_index.capacity - 1);
  }
  return find_managed(host);
}

cudaError_t make_managed(const Driver& driver, FatBinary* binary) {
  if (binary == nullptr) return cudaErrorInvalidResourceHandle;
  const Guard guard;
  cudaError_t error = cudaSuccess;
  for_each_entry(*binary, [&](Entry& entry) {
    if (entry.kind != Kind::managed || error != cudaSuccess || entry.made != nullptr) return;
    CUdeviceptr memory = 0;
    if (!in_module(driver, entry, current_device(driver), memory)) {
      error = from_driver(driver.MemAllocManaged(&memory, entry.size, cuda::kAttachGlobal));
      if (error != cudaSuccess) return;
      std::memset(reinterpret_cast<void*>(memory), 0, entry.size);
      say_that_variables_are_zero();
    }
    if (!make_places(entry)) {
      error = cudaErrorMemoryAllocation;
      return;
    }
    entry.made[0] = reinterpret_cast<void*>(memory);
    // What the program registered is the place of its pointer to the variable.
    std::memcpy(const_cast<void*>(entry.host), &entry.made[0], sizeof(void*));
  });
  return error;
}

cudaError_t function_of(const Driver& driver, Entry& entry, CUfunction& function) {
  const int device = current_device(driver);
  if (entry.kind != Kind::function || device < 0 || device >= kMaxDevices) return cudaErrorInvalidDeviceFunction;
  const Guard guard;
  if (!make_places(entry)) return cudaErrorMemoryAllocation;
  if (entry.made[device] == nullptr) {
    CUmodule module = nullptr;
    CUfunction made = nullptr;
    CUresult result = load_module(driver, *entry.owner, device, module);
    if (result == cuda::CUDA_SUCCESS) result = driver.ModuleGetFunction(&made, module, entry.name);
    if (result != cuda::CUDA_SUCCESS) return from_driver(result);
    entry.made[device] = made;
  }
  function = static_cast<CUfunction>(entry.made[device]);
  return cudaSuccess;
}

cudaError_t variable_of(const Driver& driver, Entry& entry, CUdeviceptr& pointer) {
  const int device = entry.kind == Kind::managed ? 0 : current_device(driver);
  if (entry.kind == Kind::function || device < 0 || device >= kMaxDevices) return cudaErrorInvalidSymbol;
  if (entry.kind == Kind::managed && entry.made == nullptr) {
    if (const cudaError_t error = make_managed(driver, entry.owner); error != cudaSuccess) return error;
  }
  const Guard guard;
  if (!make_places(entry)) return cudaErrorMemoryAllocation;
  if (entry.made[device] == nullptr) {
    CUdeviceptr memory = 0;
    if (!in_module(driver, entry, device, memory)) {
      const std::size_t size = entry.size != 0 ? entry.size : 1;
      CUresult result = driver.MemAlloc(&memory, size);
      if (result == cuda::CUDA_SUCCESS) result = driver.MemsetD8(memory, 0, size);
      if (result != cuda::CUDA_SUCCESS) return from_driver(result);
      say_that_variables_are_zero();
    }
    entry.made[device] = reinterpret_cast<void*>(memory);
  }
  pointer = address(entry.made[device]);
  return cudaSuccess;
}

void forget_device(int device) {
  if (device < 0 || device >= kMaxDevices) return;
  const Guard guard;
  for (FatBinary* binary = binaries; binary != nullptr; binary = binary->next) {
    binary->modules[device] = nullptr;
    for_each_entry(*binary, [&](Entry& entry) {
      if (entry.made != nullptr && entry.kind != Kind::managed) entry.made[device] = nullptr;
    });
  }
}

}  // namespace vgpu::cudart
