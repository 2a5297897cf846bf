// Names and messages of results. They need no initialised driver, and the tools that print them call from anywhere.
#include "shims/cuda/call.h"

using namespace vgpu::cuda;

namespace {

// All of them in one string, each ended by a 0: an array of pointers would cost one relocation a piece at each load.
constexpr char kNames[] =
#define VGPU_CUDA_NAME(name, value, message) #name "\0"
    VGPU_CUDA_RESULTS(VGPU_CUDA_NAME);
#undef VGPU_CUDA_NAME

constexpr char kMessages[] =
#define VGPU_CUDA_MESSAGE(name, value, message) message "\0"
    VGPU_CUDA_RESULTS(VGPU_CUDA_MESSAGE);
#undef VGPU_CUDA_MESSAGE

constexpr int kValues[] = {
#define VGPU_CUDA_VALUE(name, value, message) value,
    VGPU_CUDA_RESULTS(VGPU_CUDA_VALUE)
#undef VGPU_CUDA_VALUE
};

// A number that is no result: INVALID_VALUE, and the text is null.
CUresult text(const char* list, int wanted, const char** out) {
  if (out == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *out = nullptr;
  for (const int value : kValues) {
    if (value == wanted) {
      *out = list;
      return CUDA_SUCCESS;
    }
    while (*list++ != '\0') {
    }
  }
  return CUDA_ERROR_INVALID_VALUE;
}

}  // namespace

VGPU_CUDA cuGetErrorName(CUresult result, const char** name) { return text(kNames, result, name); }
VGPU_CUDA cuGetErrorString(CUresult result, const char** message) { return text(kMessages, result, message); }
