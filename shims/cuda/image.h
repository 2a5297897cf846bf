// Images of device code as programs hand them in: fat binaries, cubins (ELF) and PTX text. Only headers are looked at
// when one is accepted; names are read when they are asked for, where they can be read: compressed parts of a fat
// binary are not.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shims/cuda/types.h"

namespace vgpu::cuda {

enum class ImageFormat : std::uint8_t { none, fat_binary, cubin, ptx };

// The program's bytes. Nothing but their own headers says how long they are, so `size` is what those say.
struct Image {
  ImageFormat format;
  const unsigned char* bytes;
  std::size_t size;
};

inline constexpr std::size_t kUnknownSize = ~std::size_t{0};

// Reads the header of `data`, of which `limit` bytes may be looked at. CUDA_ERROR_INVALID_IMAGE for what is none of the
// three, CUDA_ERROR_NO_BINARY_FOR_GPU when nothing in it is for a device of `capability` (10 * major + minor). Any text
// is taken for PTX: only check_text looks into it.
CUresult recognise(const void* data, std::size_t limit, int capability, Image& image);

// Of an image that is text: CUDA_ERROR_INVALID_IMAGE, CUDA_ERROR_INVALID_PTX or CUDA_ERROR_UNSUPPORTED_PTX_VERSION for
// what a driver's compiler would refuse, as far as we see it. A module is told when it is loaded, a library at the
// first question.
CUresult check_text(const Image& image, int capability);

// What can be told about a name.
enum class Presence { there, missing, unknown };

struct KernelFacts {
  int registers;   // a thread, 0: not known
  int shared;      // static, bytes a block
  int parameters;  // -1: not known
  int ptx;         // what it was compiled for: 75 for compute_75 and sm_75, 0: not known
  int binary;
  std::uint16_t offsets[32];  // of the first 32 parameters
  std::uint16_t sizes[32];
};

struct VariableFacts {
  std::uint64_t size;
  const unsigned char* initial;  // null: zeros, or `text` has a value for it
  bool managed;
  bool has_text;
  Image text;
};

Presence find_kernel(const Image& image, int capability, const char* name, KernelFacts& facts);
Presence find_variable(const Image& image, int capability, const char* name, VariableFacts& facts);

// Calls `visit` for each kernel until it says false. False when not all names can be read.
using KernelVisitor = bool (*)(const char* name, std::size_t length, void* data);
bool each_kernel(const Image& image, int capability, KernelVisitor visit, void* data);

}  // namespace vgpu::cuda
