// Memory apart from addresses. It is there from cuMemCreate until it has been released as often as it was made or
// retained and is mapped nowhere. What comes from another process (cuMemImportFromShareableHandle) is charged there,
// not here.
#include "shims/slice/quota.h"

using namespace vgpu::slice;
namespace abi = vgpu::abi;

namespace {

using Handle = unsigned long long;  // CUmemGenericAllocationHandle

// The head of CUmemAllocationProp.
struct Properties {
  int type;
  int handle_types;
  int location_type;
  int location;
};
constexpr int kOnDevice = 1;  // CU_MEM_LOCATION_TYPE_DEVICE

bool unused(const Charge& memory) { return memory.references == 0 && memory.mappings == 0; }

// Each answers whether that was the last of it.
bool release_one(Charge& memory, std::uint64_t) {
  if (memory.references != 0) --memory.references;
  return unused(memory);
}
bool unmap_one(Charge& memory, std::uint64_t) {
  if (memory.mappings != 0) --memory.mappings;
  return unused(memory);
}
bool retain_one(Charge& memory, std::uint64_t) { return ++memory.references, false; }
bool map_one(Charge& memory, std::uint64_t) { return ++memory.mappings, false; }
bool look(Charge&, std::uint64_t) { return false; }

// The handle that cuMemCreate gave, for one that cuMemRetainAllocationHandle gave.
Handle first_handle(Handle handle) {
  Charge alias = {};
  return change(Kind::alias, handle, look, 0, alias) ? alias.bytes : handle;
}

void settle(const Charge& memory) {
  if (unused(memory)) vgpu::device::ledger::give_back(memory.device, memory.bytes);
}

}  // namespace

VGPU_CUDA cuMemCreate(Handle* handle, std::size_t bytes, const Properties* properties, unsigned long long flags) {
  const auto ask = [&] { return real(abi::k_cuMemCreate, handle, bytes, properties, flags); };
  if (!has_quota() || handle == nullptr || properties == nullptr || properties->location_type != kOnDevice)
    return ask();
  return charged(Kind::memory, number_of(properties->location), bytes, ask, [&] { return std::uint64_t{*handle}; });
}

VGPU_CUDA cuMemRelease(Handle handle) {
  const auto ask = [&] { return real(abi::k_cuMemRelease, handle); };
  if (!has_quota()) return ask();
  Charge alias = {};
  const bool retained = change(Kind::alias, handle, release_one, 0, alias);
  const Handle first = retained ? alias.bytes : handle;
  // Before the driver does it: afterwards the handle may be somebody else's.
  Charge memory = {};
  const bool ours = change(Kind::memory, first, release_one, 0, memory);
  const CUresult result = ask();
  if (result == vgpu::cuda::CUDA_SUCCESS) {
    if (ours) settle(memory);
    return result;
  }
  ++alias.references;
  if (retained) remember(alias);
  ++memory.references;
  if (ours) remember(memory);
  return result;
}

// A handle of this process's own memory may come back by way of another process: it then has one owner more.
VGPU_CUDA cuMemImportFromShareableHandle(Handle* handle, void* shared, int type) {
  const CUresult result = real(abi::k_cuMemImportFromShareableHandle, handle, shared, type);
  if (result != vgpu::cuda::CUDA_SUCCESS || !has_quota()) return result;
  Charge memory = {};
  change(Kind::memory, *handle, retain_one, 0, memory);
  return result;
}

VGPU_CUDA cuMemRetainAllocationHandle(Handle* handle, void* address) {
  const CUresult result = real(abi::k_cuMemRetainAllocationHandle, handle, address);
  if (result != vgpu::cuda::CUDA_SUCCESS || !has_quota()) return result;
  Charge mapping = {};
  if (!find_around(Kind::mapping, reinterpret_cast<std::uint64_t>(address), mapping)) return result;
  const Handle first = mapping.references;
  Charge memory = {};
  if (!change(Kind::memory, first, retain_one, 0, memory) || *handle == first) return result;
  Charge alias = {};
  if (!change(Kind::alias, *handle, retain_one, 0, alias)) {
    remember(
        {.kind = Kind::alias, .device = memory.device, .key = *handle, .bytes = first, .references = 1, .mappings = 0});
  }
  return result;
}

VGPU_CUDA cuMemMap(CUdeviceptr at, std::size_t bytes, std::size_t offset, Handle handle, unsigned long long flags) {
  const CUresult result = real(abi::k_cuMemMap, at, bytes, offset, handle, flags);
  if (result != vgpu::cuda::CUDA_SUCCESS || !has_quota()) return result;
  const Handle first = first_handle(handle);
  Charge memory = {};
  if (change(Kind::memory, first, map_one, 0, memory)) {
    remember({.kind = Kind::mapping,
              .device = memory.device,
              .key = at,
              .bytes = bytes,
              .references = first,
              .mappings = 0});
  }
  return result;
}

// One call may end several mappings that lie side by side.
VGPU_CUDA cuMemUnmap(CUdeviceptr at, std::size_t bytes) {
  const CUresult result = real(abi::k_cuMemUnmap, at, bytes);
  if (result != vgpu::cuda::CUDA_SUCCESS || !has_quota()) return result;
  Charge mapping = {};
  for (CUdeviceptr next = at; next - at < bytes; next += mapping.bytes) {
    if (!forget(Kind::mapping, next, mapping) && !forget_next(Kind::mapping, next, at + bytes, mapping)) break;
    next = mapping.key;
    Charge memory = {};
    if (change(Kind::memory, mapping.references, unmap_one, 0, memory)) settle(memory);
  }
  return result;
}
