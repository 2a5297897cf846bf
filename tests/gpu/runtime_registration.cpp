// The load of a large CUDA module, here libggml-cuda.so's numbers: 143 fat binaries and 8 944 registrations,
// with no driver in the process. Everything must be known afterwards, nothing may have been loaded for it.
// Prints the times; asserts none.
//   runtime_registration LIBCUDART
#include <dlfcn.h>

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "shims/cudart/registry.h"
#include "tests/gpu/runtime_library.h"

using namespace vgpu::cudart;

namespace {

constexpr int kBinaries = 143;
constexpr int kEntries = 8944;

double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

bool fail(const char* what) {
  std::printf("FAILED: %s\n", what);
  return false;
}

bool run(const vgpu::test::RuntimeLibrary& library) {
  using RegisterBinary = void** (*)(void*);
  using RegisterFunction = void (*)(void**, const char*, char*, const char*, int, void*, void*, void*, void*, int*);
  const auto add_binary = reinterpret_cast<RegisterBinary>(library.address("__cudaRegisterFatBinary"));
  const auto add_function = reinterpret_cast<RegisterFunction>(library.address("__cudaRegisterFunction"));
  std::vector<char> hosts(kEntries);
  std::vector<std::string> names(kEntries);
  for (std::size_t i = 0; i < kEntries; ++i) names[i] = "_Z6kernel" + std::to_string(i);
  FatBinaryWrapper wrapper = {kWrapperMagic, 1, nullptr, nullptr};
  std::vector<void**> handles;

  auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kEntries; ++i) {
    if (i * kBinaries / kEntries == handles.size()) handles.push_back(add_binary(&wrapper));
    char* const text = names[i].data();
    add_function(handles.back(), &hosts[i], text, text, -1, nullptr, nullptr, nullptr, nullptr, nullptr);
  }
  std::printf("%zu fat binaries and %d functions registered in %.0f us\n", handles.size(), kEntries, since(start));
  if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD) != nullptr) return fail("a registration loaded a driver");

  start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kEntries; ++i) {
    const char* name = nullptr;
    const int error = library("cudaFuncGetName", &name, static_cast<const void*>(&hosts[i]));
    if (error != 0 || names[i] != name) return fail("a registered function is not known");
  }
  std::printf("all of them found in %.0f us\n", since(start));

  start = std::chrono::steady_clock::now();
  for (void** handle : handles) library("__cudaUnregisterFatBinary", handle);
  std::printf("all of them gone in %.0f us\n", since(start));
  const char* name = nullptr;
  if (library("cudaFuncGetName", &name, static_cast<const void*>(&hosts[17])) == 0) {
    return fail("a function is known after its fat binary was unregistered");
  }
  int count = -1;
  if (library("cudaGetDeviceCount", &count) != cudaErrorInsufficientDriver || count != 0) {
    return fail("without a driver the answer is cudaErrorInsufficientDriver and no device");
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  return run(vgpu::test::RuntimeLibrary(arguments[1])) ? 0 : 1;
}
