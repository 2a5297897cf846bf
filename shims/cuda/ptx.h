// Device code as text.
#pragma once

#include "shims/cuda/image.h"

namespace vgpu::cuda::ptx {

// Whether the text is PTX: comments and white space, then .version. `version` is 90 for 9.0 (0 when that is no
// version), `target` 75 for sm_75 (0 when there is none). The length is up to a 0 or `limit`.
bool read_header(const unsigned char* bytes, std::size_t limit, std::size_t& size, int& version, int& target);

// What a driver says that compiles the text for a device of `capability`, as far as it can be told without a compiler:
// the first lines, the statements outside of functions and the initial values are looked at, what kernels do is not.
CUresult check(const Image& image, int capability);

Presence find_kernel(const Image& image, const char* name, KernelFacts& facts);
Presence find_variable(const Image& image, const char* name, VariableFacts& facts);
bool each_kernel(const Image& image, KernelVisitor visit, void* data);

// The initial bytes of a variable that has a value, `size` of them. False when they cannot be told.
using AddressOf = bool (*)(const char* name, std::size_t length, std::uint64_t& address, void* data);
bool write_initial(const Image& image, const char* name, unsigned char* out, std::size_t size, AddressOf address_of,
                   void* data);

}  // namespace vgpu::cuda::ptx
