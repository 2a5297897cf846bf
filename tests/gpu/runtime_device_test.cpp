// Devices, properties and errors of the runtime.
#include <pthread.h>

#include <string>

#include "shims/cudart/device_prop.h"
#include "tests/gpu/runtime_test.h"

using namespace vgpu::cudart;
using namespace vgpu::test;

namespace {

int attribute(int which) {
  using Function = int (*)(int*, int, int);
  int value = -1;
  driver_function<Function>("cuDeviceGetAttribute")(&value, which, 0);
  return value;
}

std::string peek() { return runtime().error_name(call("cudaPeekAtLastError")); }

}  // namespace

TEST_CASE("the runtime and the driver count the same devices") {
  int count = 0;
  int driver_count = 0;
  CHECK_OK("cudaGetDeviceCount", &count);
  driver_function<int (*)(int*)>("cuDeviceGetCount")(&driver_count);
  CHECK(count == driver_count);
  CHECK(count >= 1);
}

TEST_CASE("versions: the newest runtime whose names are all there, and the driver's") {
  int version = 0;
  CHECK_OK("cudaRuntimeGetVersion", &version);
  CHECK(version == (VGPU_CUDART_MAJOR == 12 ? 12090 : 13000));
  int driver_version = 0;
  CHECK_OK("cudaDriverGetVersion", &driver_version);
  CHECK(driver_version >= 13000);
}

TEST_CASE("each property is the driver's attribute") {
  cudaDeviceProp properties;
  std::memset(&properties, 0xff, sizeof properties);
  CHECK_OK(VGPU_CUDART_MAJOR == 12 ? "cudaGetDeviceProperties_v2" : "cudaGetDeviceProperties", &properties, 0);
  CHECK(std::string(properties.name).starts_with("NVIDIA"));
  CHECK(properties.major == attribute(75));
  CHECK(properties.minor == attribute(76));
  CHECK(properties.multiProcessorCount == attribute(16));
  CHECK(properties.warpSize == 32);
  CHECK(properties.maxGridSize[0] == attribute(5));
  CHECK(properties.maxGridSize[2] == attribute(7));
  CHECK(properties.pciBusID == attribute(33));
  CHECK(properties.sharedMemPerBlockOptin == static_cast<std::size_t>(attribute(97)));
  CHECK(properties.unifiedFunctionPointers == attribute(129));
  CHECK(properties.integrated == 0);
  CHECK(properties.reserved[0] == 0);
  std::size_t total = 0;
  driver_function<int (*)(std::size_t*, int)>("cuDeviceTotalMem_v2")(&total, 0);
  CHECK(properties.totalGlobalMem == total);
  unsigned char uuid[16] = {};
  driver_function<int (*)(unsigned char*, int)>("cuDeviceGetUuid_v2")(uuid, 0);
  CHECK(std::memcmp(properties.uuid.bytes, uuid, sizeof uuid) == 0);
}

#if VGPU_CUDART_MAJOR == 12
TEST_CASE("cudaGetDeviceProperties writes the structure of 11.x and not one byte more") {
  std::vector<unsigned char> buffer(2048, 0xab);
  CHECK_OK("cudaGetDeviceProperties", static_cast<void*>(buffer.data()), 0);
  CHECK(buffer[kOldDevicePropSize - 1] != 0xab);
  for (std::size_t i = kOldDevicePropSize; i < buffer.size(); ++i) REQUIRE(buffer[i] == 0xab);
}
#endif

TEST_CASE("a PCI address leads back to its device") {
  char text[32];
  int device = -1;
  CHECK_OK("cudaDeviceGetPCIBusId", text, 32, 0);
  CHECK_OK("cudaDeviceGetByPCIBusId", &device, static_cast<const char*>(text));
  CHECK(device == 0);
}

TEST_CASE("cudaChooseDevice finds a device that has what was asked for") {
  cudaDeviceProp wanted = {};
  wanted.major = 1;
  int device = -1;
  CHECK_OK("cudaChooseDevice", &device, static_cast<const cudaDeviceProp*>(&wanted));
  CHECK(device == 0);
}

TEST_CASE("an error stays until it is asked for, and another thread does not see it") {
  call("cudaGetLastError");
  CHECK_CUDA(cudaErrorInvalidDevice, "cudaSetDevice", 99);
  CHECK(peek() == "cudaErrorInvalidDevice");
  int device = 0;
  CHECK_OK("cudaGetDevice", &device);
  CHECK(peek() == "cudaErrorInvalidDevice");
  std::string elsewhere;
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void* result) -> void* {
        *static_cast<std::string*>(result) = peek();
        return nullptr;
      },
      &elsewhere);
  pthread_join(thread, nullptr);
  CHECK(elsewhere == "cudaSuccess");
  CHECK_CUDA(cudaErrorInvalidDevice, "cudaGetLastError");
  CHECK_OK("cudaGetLastError");
}

TEST_CASE("what is not there says so, and is the thread's last error") {
  call("cudaGetLastError");
  void* graph = nullptr;
  CHECK_CUDA(cudaErrorNotSupported, "cudaGraphCreate", &graph, 0U);
  CHECK(peek() == "cudaErrorNotSupported");
  CHECK_CUDA(cudaErrorNotSupported, "cudaGetLastError");
}

TEST_CASE("every error has its name and its message") {
#define VGPU_CHECK_ERROR(name, value, message)              \
  CHECK(std::string(runtime().error_name(value)) == #name); \
  CHECK(std::string(runtime().error_string(value)) == message);
  VGPU_CUDART_ERRORS(VGPU_CHECK_ERROR)
#undef VGPU_CHECK_ERROR
  for (const int unknown : {-1, 10, 54, 1000, 20000}) {
    CHECK(std::string(runtime().error_name(unknown)) == "unrecognized error code");
    CHECK(std::string(runtime().error_string(unknown)) == "unrecognized error code");
  }
}

TEST_CASE("names and messages are those of the real runtime, where there is one") {
  void* real = dlmopen(LM_ID_NEWLM, "/usr/local/cuda/lib64/libcudart.so.13", RTLD_NOW);
  if (real == nullptr) return;
  using Text = const char* (*)(int);
  const auto name = reinterpret_cast<Text>(dlsym(real, "cudaGetErrorName"));
  const auto message = reinterpret_cast<Text>(dlsym(real, "cudaGetErrorString"));
  for (int error = -2; error < 11000; ++error) {
    REQUIRE(std::string(runtime().error_name(error)) == name(error));
    REQUIRE(std::string(runtime().error_string(error)) == message(error));
  }
  dlclose(real);
}

TEST_CASE("a channel description comes back as a structure") {
  using Function = cudaChannelFormatDesc (*)(int, int, int, int, int);
  const auto function = reinterpret_cast<Function>(runtime().address("cudaCreateChannelDesc"));
  const cudaChannelFormatDesc made = function(8, 16, 32, 0, 2);
  CHECK(made.x == 8);
  CHECK(made.y == 16);
  CHECK(made.z == 32);
  CHECK(made.f == 2);
}

TEST_CASE("the driver's functions come through cudaGetDriverEntryPointByVersion") {
  void* function = nullptr;
  int status = -1;
  CHECK_OK("cudaGetDriverEntryPointByVersion", "cuDeviceTotalMem", &function, 12000U, 0ULL, &status);
  CHECK(status == 0);
  CHECK(function == driver_function<void*>("cuDeviceTotalMem_v2"));
  CHECK_OK("cudaGetDriverEntryPointByVersion", "cuNoSuchThing", &function, 12000U, 0ULL, &status);
  CHECK(status == 1);
  CHECK(function == nullptr);
}
