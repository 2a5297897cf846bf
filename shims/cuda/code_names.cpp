// Kernels of an image by name.
#include <stdlib.h>
#include <string.h>

#include "shims/cuda/code.h"
#include "shims/device/lock.h"
#include "shims/device/log.h"

namespace vgpu::cuda {
namespace {

using device::Block;
using device::Function;
using device::Guard;
using device::Handle;
using device::Kind;
using device::Library;
using device::Module;

// What a thread of a kernel is taken to use when its image does not tell.
constexpr int kAssumedRegisters = 32;

struct NameBlock {
  Block block;
  char name[];
};

std::uint32_t hash_of(const char* name) {
  std::uint32_t hash = 2166136261U;
  for (; *name != '\0'; ++name) hash = (hash ^ static_cast<unsigned char>(*name)) * 16777619U;
  return hash * 0x9e3779b1U;  // the upper bits, by which the tree branches, depend on all others then
}

// Where the function is in the tree of its owner's, or would go: a tree that needs no memory but the functions' own,
// and is log4(n) deep. Names of one hash hang in a row below its last level.
Handle* place_of(Kind kind, Handle& root, const char* name, std::uint32_t hash) {
  Handle* place = &root;
  for (std::uint32_t bits = hash; *place != 0; bits <<= 2) {
    auto* function = device::handles.find<Function>(kind, *place);
    if (function == nullptr || (function->hash == hash && strcmp(function->name, name) == 0)) return place;
    place = &function->children[bits >> 30];
  }
  return place;
}

void say_that_names_are_hidden() {
  static constinit bool said = false;
  if (__atomic_exchange_n(&said, true, __ATOMIC_RELAXED)) return;
  log::line(log::Level::info, kLibraryName, {"a compressed image was loaded: any kernel name is taken to be in it"});
}

// `place` is the function's in the tree, `first` the head of the owner's list, `blocks` the owner's; all stay as they
// are when it fails. The caller holds the lock, and allocated `text` without it.
Handle make_function(Kind kind, const Function& wanted, NameBlock* text, Handle& place, Handle& first, Block*& blocks) {
  Handle handle = 0;
  auto* function = device::handles.create<Function>(kind, handle);
  if (function == nullptr) return 0;
  *function = wanted;
  function->name = text->name;
  function->next = first;
  for (Handle& child : function->children) child = 0;  // `wanted` may be a copy of another's
  first = place = handle;
  text->block.next = blocks;
  blocks = &text->block;
  device::handles.publish(handle);
  return handle;
}

NameBlock* make_name(const char* name) {
  const std::size_t length = strlen(name) + 1;
  auto* block = static_cast<NameBlock*>(malloc(sizeof(NameBlock) + length));
  if (block != nullptr) memcpy(block->name, name, length);
  return block;
}

Function described(const KernelFacts& facts) {
  Function function = {};
  function.registers = facts.registers != 0 ? facts.registers : kAssumedRegisters;
  function.static_shared = facts.shared;
  function.ptx_version = facts.ptx;
  function.binary_version = facts.binary;
  function.max_dynamic_shared = -1;  // until it is set: what is left of the block's 48 KiB
  function.carveout = -1;
  return function;
}

CUresult look_up_kernel(const Image& image, int capability, const char* name, Function& wanted) {
  KernelFacts facts = {};
  switch (find_kernel(image, capability, name, facts)) {
    case Presence::missing: return CUDA_ERROR_NOT_FOUND;
    case Presence::unknown: say_that_names_are_hidden(); break;
    case Presence::there: break;
  }
  wanted = described(facts);
  return CUDA_SUCCESS;
}

// Finds or makes the function `name` of the owner behind `handle`, an `Owner` of kind `owner_kind`. The image is read
// and memory is allocated without the lock, so the list is looked through again before the new one goes in.
template <typename Owner>
CUresult function_in(Kind owner_kind, Handle handle, Kind kind, Handle Owner::*list, int capability, const char* name,
                     const Function* attributes, Handle context, Handle& out) {
  const std::uint32_t hash = hash_of(name);
  Image image = {};
  {
    const Guard guard(device::global_lock);
    auto* owner = device::handles.find<Owner>(owner_kind, handle);
    if (owner == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    out = *place_of(kind, owner->by_name, name, hash);
    if (out != 0) return CUDA_SUCCESS;
    image = image_of(owner->code);
  }
  Function wanted = {};
  if (const CUresult result = look_up_kernel(image, capability, name, wanted); result != CUDA_SUCCESS) return result;
  if (attributes != nullptr) wanted = *attributes;
  wanted.hash = hash;
  wanted.owner = handle;
  wanted.context = context;
  NameBlock* text = make_name(name);
  if (text == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
  CUresult result = CUDA_SUCCESS;
  bool used = false;
  {
    const Guard guard(device::global_lock);
    auto* owner = device::handles.find<Owner>(owner_kind, handle);
    if (owner == nullptr) {
      result = CUDA_ERROR_INVALID_HANDLE;
    } else if (Handle& place = *place_of(kind, owner->by_name, name, hash); place != 0) {
      out = place;
    } else {
      out = make_function(kind, wanted, text, place, owner->*list, owner->blocks);
      used = out != 0;
      if (!used) result = CUDA_ERROR_OUT_OF_MEMORY;
    }
  }
  if (!used) free(text);
  return result;
}

}  // namespace

CUresult module_function(Handle module, const char* name, Handle kernel, CUfunction& out) {
  const auto* found = device::handles.find<Module>(Kind::module, module);
  if (found == nullptr) return CUDA_ERROR_INVALID_HANDLE;
  const Handle context = found->context;
  const device::Context* owner = device::contexts::find(context);
  if (owner == nullptr) return CUDA_ERROR_CONTEXT_IS_DESTROYED;
  Function from_kernel = {};
  const auto* source = kernel != 0 ? device::handles.find<Function>(Kind::kernel, kernel) : nullptr;
  if (source != nullptr) {
    from_kernel = *source;
    from_kernel.kernel = kernel;
  }
  Handle handle = 0;
  const CUresult result =
      function_in(Kind::module, module, Kind::function, &Module::functions, capability_of(owner->device), name,
                  source != nullptr ? &from_kernel : nullptr, context, handle);
  if (result == CUDA_SUCCESS) out = pointer_of<CUfunction>(handle);
  return result;
}

namespace {

// A library's text is looked into at the first question, a module's was when it was loaded.
CUresult check_once(Handle handle, int capability) {
  Image image = {};
  {
    const Guard guard(device::global_lock);
    const auto* library = device::handles.find<Library>(Kind::library, handle);
    if (library == nullptr) return CUDA_ERROR_INVALID_HANDLE;
    if (library->checked) return CUDA_SUCCESS;
    image = image_of(library->code);
  }
  if (const CUresult result = check_text(image, capability); result != CUDA_SUCCESS) return result;
  const Guard guard(device::global_lock);
  if (auto* library = device::handles.find<Library>(Kind::library, handle)) library->checked = true;
  return CUDA_SUCCESS;
}

}  // namespace

CUresult library_kernel(Handle library, const char* name, int capability, CUkernel& out) {
  if (const CUresult result = check_once(library, capability); result != CUDA_SUCCESS) return result;
  Handle handle = 0;
  const CUresult result =
      function_in(Kind::library, library, Kind::kernel, &Library::kernels, capability, name, nullptr, 0, handle);
  if (result == CUDA_SUCCESS) out = pointer_of<CUkernel>(handle);
  return result;
}

}  // namespace vgpu::cuda
