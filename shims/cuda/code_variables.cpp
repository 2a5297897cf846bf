// Variables of an image by name.
#include <stdlib.h>
#include <string.h>

#include "shims/cuda/code.h"
#include "shims/cuda/memory_call.h"
#include "shims/cuda/ptx.h"
#include "shims/device/backend.h"
#include "shims/device/lock.h"

namespace vgpu::cuda {
namespace {

using device::Block;
using device::Guard;
using device::Handle;
using device::Kind;
using device::Module;

// Variables of PTX that hold each other's addresses, one behind the other.
constexpr int kDeepest = 64;

struct Variable {
  Block block;  // first: it is freed as one
  Variable* next;
  CUdeviceptr address;
  std::size_t size;
  bool managed;
  char name[];
};

const Variable* find_variable_in(const Module& module, const char* name) {
  for (const auto* one = static_cast<const Variable*>(module.variables); one != nullptr; one = one->next) {
    if (strcmp(one->name, name) == 0) return one;
  }
  return nullptr;
}

CUresult variable_in(Handle handle, const char* name, bool managed_only, int depth, CUdeviceptr& address,
                     std::size_t& size);

struct Holder {
  Handle module;
  int depth;
};

// Where a variable is whose address is another's value.
bool address_of(const char* name, std::size_t length, std::uint64_t& address, void* data) {
  const auto& holder = *static_cast<const Holder*>(data);
  if (holder.depth >= kDeepest) return false;
  char* text = strndup(name, length);
  if (text == nullptr) return false;
  std::size_t ignored = 0;
  CUdeviceptr found = 0;
  const CUresult result = variable_in(holder.module, text, false, holder.depth + 1, found, ignored);
  free(text);
  address = found;
  return result == CUDA_SUCCESS;
}

void write(CUdeviceptr address, const VariableFacts& facts, const unsigned char* bytes) {
  const device::backend::Place to = {facts.managed, address, facts.size, facts.size};
  const device::backend::Place from = {true, reinterpret_cast<std::uint64_t>(bytes), facts.size, facts.size};
  device::backend::copy(to, from, {facts.size, 1, 1});
}

// Fills fresh memory with the initial value, zeros where there is none.
CUresult initialise(CUdeviceptr address, Handle module, const VariableFacts& facts, const char* name, int depth) {
  device::backend::fill(address, facts.size, 0, 1, facts.size, 1);
  if (facts.initial != nullptr) write(address, facts, facts.initial);
  if (!facts.has_text) return CUDA_SUCCESS;
  auto* bytes = static_cast<unsigned char*>(calloc(1, facts.size));
  if (bytes == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
  Holder holder = {module, depth};
  const bool told = ptx::write_initial(facts.text, name, bytes, facts.size, address_of, &holder);
  if (told) write(address, facts, bytes);
  free(bytes);
  return told ? CUDA_SUCCESS : CUDA_ERROR_NOT_SUPPORTED;
}

CUresult make_variable(device::Context& context, Handle module, const VariableFacts& facts, const char* name, int depth,
                       Variable*& made) {
  const std::size_t length = strlen(name) + 1;
  made = static_cast<Variable*>(malloc(sizeof(Variable) + length));
  if (made == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
  const auto kind = facts.managed ? device::MemoryKind::managed_variable : device::MemoryKind::variable;
  CUdeviceptr address = 0;
  CUresult result = allocate(context, kind, facts.size, facts.managed ? kAttachGlobal : 0, address);
  if (result == CUDA_SUCCESS) {
    result = initialise(address, module, facts, name, depth);
    if (result != CUDA_SUCCESS) device::memory::free(address, [](device::MemoryKind) { return true; });
  }
  if (result != CUDA_SUCCESS) {
    free(made);
    return result;
  }
  made->address = address;
  made->size = facts.size;
  made->managed = facts.managed;
  memcpy(made->name, name, length);
  return CUDA_SUCCESS;
}

// A kernel's name is a wrong one, not an unknown one.
CUresult missing(const Image& image, int capability, const char* name) {
  KernelFacts ignored = {};
  return find_kernel(image, capability, name, ignored) == Presence::there ? CUDA_ERROR_INVALID_VALUE
                                                                          : CUDA_ERROR_NOT_FOUND;
}

// `depth` is how many variables are waiting for the address of this one.
CUresult variable_in(Handle handle, const char* name, bool managed_only, int depth, CUdeviceptr& address,
                     std::size_t& size) {
  Image image = {};
  Handle context = 0;
  {
    const Guard guard(device::global_lock);
    const auto* module = device::handles.find<Module>(Kind::module, handle);
    if (module == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (const Variable* known = find_variable_in(*module, name)) {
      if (managed_only && !known->managed) return CUDA_ERROR_NOT_FOUND;
      address = known->address;
      size = known->size;
      return CUDA_SUCCESS;
    }
    image = image_of(module->code);
    context = module->context;
  }
  device::Context* owner = device::contexts::find(context);
  if (owner == nullptr) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  VariableFacts facts = {};
  const int capability = capability_of(owner->device);
  switch (find_variable(image, capability, name, facts)) {
    case Presence::missing: return missing(image, capability, name);
    case Presence::unknown: return CUDA_ERROR_NOT_SUPPORTED;  // nothing tells how large it is
    case Presence::there: break;
  }
  if (managed_only && !facts.managed) return CUDA_ERROR_NOT_FOUND;
  Variable* made = nullptr;
  if (const CUresult result = make_variable(*owner, handle, facts, name, depth, made); result != CUDA_SUCCESS)
    return result;
  CUresult result = CUDA_SUCCESS;
  CUdeviceptr superfluous = made->address;
  {
    const Guard guard(device::global_lock);
    auto* module = device::handles.find<Module>(Kind::module, handle);
    if (module == nullptr) {
      result = CUDA_ERROR_INVALID_HANDLE;
    } else if (const Variable* known = find_variable_in(*module, name)) {
      address = known->address;
      size = known->size;
    } else {
      made->next = static_cast<Variable*>(module->variables);
      module->variables = made;
      made->block.next = module->blocks;
      module->blocks = &made->block;
      address = made->address;
      size = made->size;
      superfluous = 0;
    }
  }
  if (superfluous != 0) {
    device::memory::free(superfluous, [](device::MemoryKind) { return true; });
    free(made);
  }
  return result;
}

}  // namespace

void bury(const Remains& remains) {
  for (const auto* one = static_cast<const Variable*>(remains.variables); one != nullptr; one = one->next) {
    device::memory::free(one->address, [](device::MemoryKind) { return true; });
  }
  free_blocks(remains.blocks);
}

CUresult module_variable(Handle handle, const char* name, bool managed_only, CUdeviceptr& address, std::size_t& size) {
  return variable_in(handle, name, managed_only, 0, address, size);
}

}  // namespace vgpu::cuda
