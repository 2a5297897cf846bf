// A CUDA runtime opened by path, the shim or a real one, and its functions by name. The caller is responsible
// for passing exactly the parameter types of the API.
#pragma once

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace vgpu::test {

class RuntimeLibrary {
 public:
  explicit RuntimeLibrary(const char* path) : handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) {
      std::fprintf(stderr, "%s\n", dlerror());
      std::exit(2);
    }
  }

  void* address(const char* name) const {
    void* function = dlsym(handle_, name);
    if (function == nullptr) {
      std::fprintf(stderr, "%s\n", dlerror());
      std::exit(2);
    }
    return function;
  }

  // runtime("cudaMalloc", &pointer, std::size_t{64}) gives the cudaError_t.
  template <class... Arguments>
  int operator()(const char* name, Arguments... arguments) const {
    return reinterpret_cast<int (*)(Arguments...)>(address(name))(arguments...);
  }

  const char* error_name(int error) const {
    return reinterpret_cast<const char* (*)(int)>(address("cudaGetErrorName"))(error);
  }

  const char* error_string(int error) const {
    return reinterpret_cast<const char* (*)(int)>(address("cudaGetErrorString"))(error);
  }

  // cudaRuntimeGetVersion / 1000.
  int major() const {
    int version = 0;
    (*this)("cudaRuntimeGetVersion", &version);
    return version / 1000;
  }

 private:
  void* handle_;
};

}  // namespace vgpu::test
