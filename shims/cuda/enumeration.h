// The kernels of an image, counted or entered into the caller's array: modules and libraries answer alike.
#pragma once

#include <stdlib.h>
#include <string.h>

#include "shims/cuda/code.h"

namespace vgpu::cuda {

inline CUresult count_kernels(const device::Code& code, int capability, unsigned* count) {
  if (count == nullptr) return CUDA_ERROR_INVALID_VALUE;
  unsigned found = 0;
  const auto visit = [](const char*, std::size_t, void* data) {
    ++*static_cast<unsigned*>(data);
    return true;
  };
  if (!each_kernel(image_of(code), capability, visit, &found)) return CUDA_ERROR_NOT_SUPPORTED;
  *count = found;
  return CUDA_SUCCESS;
}

// As many as there is `room` for. find(name, object) makes the object of a name.
template <class Object, class Find>
CUresult enter_kernels(const device::Code& code, int capability, Object* objects, unsigned room, Find find) {
  if (objects == nullptr) return CUDA_ERROR_INVALID_VALUE;
  struct State {
    Find find;
    Object* next;
    Object* end;
    CUresult result;
  } state = {find, objects, objects + room, CUDA_SUCCESS};
  const auto visit = [](const char* name, std::size_t length, void* data) {
    auto& at = *static_cast<State*>(data);
    if (at.next == at.end) return false;
    char* text = strndup(name, length);
    at.result = text != nullptr ? at.find(text, *at.next) : CUDA_ERROR_OUT_OF_MEMORY;
    free(text);
    ++at.next;
    return at.result == CUDA_SUCCESS;
  };
  return each_kernel(image_of(code), capability, visit, &state) ? state.result : CUDA_ERROR_NOT_SUPPORTED;
}

}  // namespace vgpu::cuda
