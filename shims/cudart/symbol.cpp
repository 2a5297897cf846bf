// Device variables by the address of their shadow in the program.
#include "shims/cudart/copy.h"
#include "shims/cudart/registry.h"

namespace vgpu::cudart {
namespace {

cudaError_t find(const Driver& driver, const void* symbol, CUdeviceptr& pointer, std::size_t& size) {
  Entry* entry = find_entry(symbol);
  if (entry == nullptr || entry->kind == Kind::function) return cudaErrorInvalidSymbol;
  size = entry->size;
  return variable_of(driver, *entry, pointer);
}

bool inside(std::size_t size, std::size_t offset, std::size_t count) {
  return offset <= size && count <= size - offset;
}

bool to_device(int kind) {
  return kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice || kind == cudaMemcpyDefault;
}

bool from_device(int kind) {
  return kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice || kind == cudaMemcpyDefault;
}

// Finds the variable and runs `copy(driver, address of the range)`.
template <class Copy>
cudaError_t with_range(const void* symbol, std::size_t count, std::size_t offset, bool direction, Copy&& copy) {
  return with_context([&](const Driver& driver) {
    CUdeviceptr pointer = 0;
    std::size_t size = 0;
    if (const cudaError_t error = find(driver, symbol, pointer, size); error != cudaSuccess) return error;
    if (!direction) return cudaErrorInvalidMemcpyDirection;
    if (!inside(size, offset, count)) return cudaErrorInvalidValue;
    if (count == 0) return cudaSuccess;
    return from_driver(copy(driver, reinterpret_cast<void*>(pointer + offset)));
  });
}

cudaError_t to_symbol(const void* symbol, const void* from, std::size_t count, std::size_t offset, int kind,
                      Order order) {
  return with_range(symbol, count, offset, to_device(kind), [&](const Driver& driver, void* range) {
    return copy_now(driver, range, from, count, kind, order);
  });
}

cudaError_t to_symbol_async(const void* symbol, const void* from, std::size_t count, std::size_t offset, int kind,
                            cudaStream_t stream) {
  return with_range(symbol, count, offset, to_device(kind), [&](const Driver& driver, void* range) {
    return copy_on(driver, range, from, count, kind, stream);
  });
}

cudaError_t from_symbol(void* to, const void* symbol, std::size_t count, std::size_t offset, int kind, Order order) {
  return with_range(symbol, count, offset, from_device(kind),
                    [&](const Driver& driver, void* range) { return copy_now(driver, to, range, count, kind, order); });
}

cudaError_t from_symbol_async(void* to, const void* symbol, std::size_t count, std::size_t offset, int kind,
                              cudaStream_t stream) {
  return with_range(symbol, count, offset, from_device(kind),
                    [&](const Driver& driver, void* range) { return copy_on(driver, to, range, count, kind, stream); });
}

}  // namespace
}  // namespace vgpu::cudart

using namespace vgpu::cudart;

VGPU_API cudaError_t cudaGetSymbolAddress(void** pointer, const void* symbol) {
  return with_context([&](const Driver& driver) {
    if (pointer == nullptr) return cudaErrorInvalidValue;
    CUdeviceptr found = 0;
    std::size_t size = 0;
    const cudaError_t error = find(driver, symbol, found, size);
    if (error == cudaSuccess) *pointer = reinterpret_cast<void*>(found);
    return error;
  });
}

VGPU_API cudaError_t cudaGetSymbolSize(std::size_t* size, const void* symbol) {
  return with_context([&](const Driver&) {
    if (size == nullptr) return cudaErrorInvalidValue;
    const Entry* entry = find_entry(symbol);
    if (entry == nullptr || entry->kind == Kind::function) return cudaErrorInvalidSymbol;
    *size = entry->size;
    return cudaSuccess;
  });
}

VGPU_API cudaError_t cudaMemcpyToSymbol(const void* symbol, const void* from, std::size_t count, std::size_t offset,
                                        int kind) {
  return to_symbol(symbol, from, count, offset, kind, Order::legacy);
}

VGPU_API cudaError_t cudaMemcpyToSymbol_ptds(const void* symbol, const void* from, std::size_t count,
                                             std::size_t offset, int kind) {
  return to_symbol(symbol, from, count, offset, kind, Order::per_thread);
}

VGPU_API cudaError_t cudaMemcpyToSymbolAsync(const void* symbol, const void* from, std::size_t count,
                                             std::size_t offset, int kind, cudaStream_t stream) {
  return to_symbol_async(symbol, from, count, offset, kind, stream);
}

VGPU_API cudaError_t cudaMemcpyToSymbolAsync_ptsz(const void* symbol, const void* from, std::size_t count,
                                                  std::size_t offset, int kind, cudaStream_t stream) {
  return to_symbol_async(symbol, from, count, offset, kind, per_thread(stream));
}

VGPU_API cudaError_t cudaMemcpyFromSymbol(void* to, const void* symbol, std::size_t count, std::size_t offset,
                                          int kind) {
  return from_symbol(to, symbol, count, offset, kind, Order::legacy);
}

VGPU_API cudaError_t cudaMemcpyFromSymbol_ptds(void* to, const void* symbol, std::size_t count, std::size_t offset,
                                               int kind) {
  return from_symbol(to, symbol, count, offset, kind, Order::per_thread);
}

VGPU_API cudaError_t cudaMemcpyFromSymbolAsync(void* to, const void* symbol, std::size_t count, std::size_t offset,
                                               int kind, cudaStream_t stream) {
  return from_symbol_async(to, symbol, count, offset, kind, stream);
}

VGPU_API cudaError_t cudaMemcpyFromSymbolAsync_ptsz(void* to, const void* symbol, std::size_t count, std::size_t offset,
                                                    int kind, cudaStream_t stream) {
  return from_symbol_async(to, symbol, count, offset, kind, per_thread(stream));
}
