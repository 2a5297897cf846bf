// Device code as text.
#pragma once

#include "shims/cuda/image.h"

namespace vgpu::cuda::ptx {

// Whether the text is PTX: comments and white space, then .version. `version` is 90 for 9.0, `target` 75 for sm_75 (0 when
// there is none). The length is up to a 0 or `limit`.
bool read_header(const unsigned char* bytes, std::size_t limit, std::size_t& size, int& version, int& target);

Presence find_kernel(const Image& image, const char* name, KernelFacts& facts);
Presence find_variable(const Image& image, const char* name, VariableFacts& facts);
bool each_kernel(const Image& image, KernelVisitor visit, void* data);

}  // namespace vgpu::cuda::ptx
