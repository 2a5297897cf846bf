// Names and messages of errors: they need no driver.
#include "shims/cudart/state.h"

namespace vgpu::cudart {
namespace {

// All of them in one string, each ended by a 0: an array of pointers would cost one relocation a piece at
// each load.
constexpr char kNames[] =
#define VGPU_CUDART_NAME(name, value, message) #name "\0"
    VGPU_CUDART_ERRORS(VGPU_CUDART_NAME);
#undef VGPU_CUDART_NAME

constexpr char kMessages[] =
#define VGPU_CUDART_MESSAGE(name, value, message) message "\0"
    VGPU_CUDART_ERRORS(VGPU_CUDART_MESSAGE);
#undef VGPU_CUDART_MESSAGE

constexpr int kValues[] = {
#define VGPU_CUDART_VALUE(name, value, message) value,
    VGPU_CUDART_ERRORS(VGPU_CUDART_VALUE)
#undef VGPU_CUDART_VALUE
};

const char* text(const char* list, int error) {
  for (const int value : kValues) {
    if (value == error) return list;
    while (*list++ != 0) {
    }
  }
  return "unrecognized error code";
}

}  // namespace
}  // namespace vgpu::cudart

VGPU_API const char* cudaGetErrorName(int error) { return vgpu::cudart::text(vgpu::cudart::kNames, error); }

VGPU_API const char* cudaGetErrorString(int error) { return vgpu::cudart::text(vgpu::cudart::kMessages, error); }
