#include "shims/cuda/code.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shims/device/lock.h"

namespace vgpu::cuda {
namespace {

using device::Block;
using device::Code;

// Whether a loaded library or the program itself holds this address.
bool in_loaded_object(const void* data) {
  std::uint64_t wanted = reinterpret_cast<std::uint64_t>(data);
  const auto holds = [](dl_phdr_info* info, std::size_t, void* address) {
    const std::uint64_t at = *static_cast<const std::uint64_t*>(address) - info->dlpi_addr;
    for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
      const auto& segment = info->dlpi_phdr[i];
      if (segment.p_type == PT_LOAD && at - segment.p_vaddr < segment.p_memsz) return 1;
    }
    return 0;
  };
  return dl_iterate_phdr(holds, &wanted) != 0;
}

// A block with room for `bytes` behind its link, or null.
Block* make_block(std::size_t bytes) {
  auto* block = static_cast<Block*>(malloc(sizeof(Block) + bytes));
  if (block != nullptr) block->next = nullptr;
  return block;
}

unsigned char* bytes_of(Block* block) { return reinterpret_cast<unsigned char*>(block + 1); }

Code code_of(const Image& image) { return {image.bytes, image.size, static_cast<std::uint8_t>(image.format)}; }

// Reads `size` bytes, or fewer where the file ends. False when it cannot be read, as a directory cannot.
bool read_all(int file, unsigned char* to, std::size_t& size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = read(file, to + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  size = done;
  return true;
}

// The whole file and a 0 behind it, or null. Its length comes from lseek(2): fstat is a new symbol in glibc 2.33.
Block* read_file(const char* path, std::size_t& size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return nullptr;
  const off_t end = lseek(file, 0, SEEK_END);
  Block* block = nullptr;
  if (end >= 0 && lseek(file, 0, SEEK_SET) == 0) {
    size = static_cast<std::size_t>(end);
    block = size < ~std::size_t{0} / 2 ? make_block(size + 1) : nullptr;
  }
  if (block != nullptr && !read_all(file, bytes_of(block), size)) {
    free(block);
    block = nullptr;
  }
  if (block != nullptr) bytes_of(block)[size] = 0;
  close(file);
  return block;
}

}  // namespace

int capability_of(CUdevice device) {
  const device::Description& description = device::description(device);
  return description.cc_major * 10 + description.cc_minor;
}

CUresult accept_image(const void* data, int capability, Accepted& accepted) {
  Image image = {};
  if (const CUresult result = recognise(data, kUnknownSize, capability, image); result != CUDA_SUCCESS) return result;
  accepted = {code_of(image), nullptr};
  if (in_loaded_object(image.bytes)) return CUDA_SUCCESS;
  accepted.blocks = make_block(image.size + 1);
  if (accepted.blocks == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
  memcpy(bytes_of(accepted.blocks), image.bytes, image.size);
  bytes_of(accepted.blocks)[image.size] = 0;
  accepted.code.bytes = bytes_of(accepted.blocks);
  return CUDA_SUCCESS;
}

CUresult accept_checked(const void* data, int capability, Accepted& accepted) {
  Image image = {};
  if (const CUresult result = recognise(data, kUnknownSize, capability, image); result != CUDA_SUCCESS) return result;
  const CUresult result = check_text(image, capability);
  return result == CUDA_SUCCESS ? accept_image(data, capability, accepted) : result;
}

CUresult accept_file(const char* path, int capability, Accepted& accepted) {
  const int saved = errno;
  std::size_t size = 0;
  Block* block = read_file(path, size);
  errno = saved;
  if (block == nullptr) return CUDA_ERROR_FILE_NOT_FOUND;
  Image image = {};
  const CUresult result = recognise(bytes_of(block), size, capability, image);
  if (result != CUDA_SUCCESS) {
    free(block);
    return result;
  }
  accepted = {code_of(image), block};
  return CUDA_SUCCESS;
}

void free_blocks(Block* blocks) {
  while (blocks != nullptr) {
    Block* next = blocks->next;
    free(blocks);
    blocks = next;
  }
}

bool valid_options(unsigned count, const void* options, const void* values) {
  return count == 0 || (options != nullptr && values != nullptr);
}

CUresult make_module(const device::Context& context, const Accepted& accepted, device::Handle library, CUmodule& out) {
  device::Handle handle = 0;
  {
    const device::Guard guard(device::global_lock);
    if (auto* module = device::handles.create<device::Module>(device::Kind::module, handle)) {
      module->context = context.self;
      module->library = library;
      module->code = accepted.code;
      module->blocks = accepted.blocks;
      device::handles.publish(handle);
      out = pointer_of<CUmodule>(handle);
      return CUDA_SUCCESS;
    }
  }
  free_blocks(accepted.blocks);
  return CUDA_ERROR_OUT_OF_MEMORY;
}

Remains take_module(device::Handle handle, device::Module& module) {
  for (device::Handle next = module.functions; next != 0;) {
    const device::Handle function = next;
    const auto* found = device::handles.find<device::Function>(device::Kind::function, function);
    next = found != nullptr ? found->next : 0;
    device::handles.destroy(device::Kind::function, function);
  }
  const Remains remains = {module.blocks, module.variables};
  device::handles.destroy(device::Kind::module, handle);
  return remains;
}

device::Function* find_function(CUfunction handle) {
  if (auto* function = device::handles.find<device::Function>(device::Kind::function, handle_of(handle)))
    return function;
  return device::handles.find<device::Function>(device::Kind::kernel, handle_of(handle));
}

}  // namespace vgpu::cuda
