// Device code as ELF, what ptxas writes.
#pragma once

#include "shims/cuda/image.h"

namespace vgpu::cuda::cubin {

bool is_elf(const unsigned char* bytes, std::size_t limit);

// The length that the headers say, and the architecture (90 for sm_90); false when this is no sound cubin of at most
// `limit` bytes.
bool read_header(const unsigned char* bytes, std::size_t limit, std::size_t& size, int& architecture);

// For an image whose header is sound.
Presence find_kernel(const Image& image, const char* name, KernelFacts& facts);
Presence find_variable(const Image& image, const char* name, VariableFacts& facts);
bool each_kernel(const Image& image, KernelVisitor visit, void* data);

}  // namespace vgpu::cuda::cubin
