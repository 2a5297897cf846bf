// runtime_behaviour.cpp: the questions about devices, memory and copies.
#include <vector>

#include "tests/gpu/runtime_questions.h"

namespace vgpu::questions {

void devices() {
  int value = -7;
  SHOW("cudaGetDeviceCount null", "cudaGetDeviceCount", static_cast<int*>(nullptr));
  SHOW("cudaGetDevice null", "cudaGetDevice", static_cast<int*>(nullptr));
  SHOW("cudaSetDevice -1", "cudaSetDevice", -1);
  SHOW("cudaSetDevice 64", "cudaSetDevice", 64);
  SHOW("cudaGetDeviceProperties of device 64", "cudaGetDeviceProperties", static_cast<void*>(nullptr), 64);
  char properties[2048];
  SHOW("cudaGetDeviceProperties of device 64 into a buffer", "cudaGetDeviceProperties", static_cast<void*>(properties),
       64);
  for (const int attribute :
       {0, 1, 14, 44, 84, 92, 93, 94, 96, 102, 103, 107, 110, 122, 127, 141, 145, 146, 148, 1000}) {
    char what[64];
    std::snprintf(what, sizeof what, "cudaDeviceGetAttribute %d", attribute);
    SHOW(what, "cudaDeviceGetAttribute", &value, attribute, 0);
  }
  SHOW("cudaDeviceGetAttribute null", "cudaDeviceGetAttribute", static_cast<int*>(nullptr), 1, 0);
  SHOW("cudaDeviceGetAttribute of device 64", "cudaDeviceGetAttribute", &value, 1, 64);
  char bus[32];
  SHOW("cudaDeviceGetPCIBusId into 4 bytes", "cudaDeviceGetPCIBusId", bus, 4, 0);
  SHOW("cudaDeviceGetPCIBusId into 13 bytes", "cudaDeviceGetPCIBusId", bus, 13, 0);
  SHOW("cudaDeviceGetPCIBusId null", "cudaDeviceGetPCIBusId", static_cast<char*>(nullptr), 13, 0);
  SHOW("cudaDeviceGetPCIBusId of device 64", "cudaDeviceGetPCIBusId", bus, 32, 64);
  SHOW("cudaDeviceGetByPCIBusId of what was given", "cudaDeviceGetByPCIBusId", &value, static_cast<const char*>(bus));
  std::printf("%-58s %d\n", "  device", value);
  SHOW("cudaDeviceGetByPCIBusId nonsense", "cudaDeviceGetByPCIBusId", &value, "nonsense");
  SHOW("cudaDeviceGetByPCIBusId of none", "cudaDeviceGetByPCIBusId", &value, "0000:ff:1f.0");
  SHOW("cudaDeviceCanAccessPeer with itself", "cudaDeviceCanAccessPeer", &value, 0, 0);
  std::printf("%-58s %d\n", "  can", value);
  SHOW("cudaDeviceCanAccessPeer with device 64", "cudaDeviceCanAccessPeer", &value, 0, 64);
  SHOW("cudaDeviceEnablePeerAccess of itself", "cudaDeviceEnablePeerAccess", 0, 0U);
  SHOW("cudaDeviceDisablePeerAccess of itself", "cudaDeviceDisablePeerAccess", 0);
  SHOW("cudaSetDeviceFlags blocking sync", "cudaSetDeviceFlags", 4U);
  unsigned flags = 99;
  SHOW("cudaGetDeviceFlags", "cudaGetDeviceFlags", &flags);
  std::printf("%-58s %u\n", "  flags", flags);
  SHOW("cudaSetDeviceFlags 0x7", "cudaSetDeviceFlags", 7U);
  SHOW("cudaSetDeviceFlags 0x100", "cudaSetDeviceFlags", 0x100U);
  SHOW("cudaSetDeviceFlags 0", "cudaSetDeviceFlags", 0U);
  SHOW("cudaGetDeviceFlags", "cudaGetDeviceFlags", &flags);
  std::printf("%-58s %u\n", "  flags", flags);
  std::size_t limit = 0;
  for (int which = 0; which < 9; ++which) {
    char what[64];
    std::snprintf(what, sizeof what, "cudaDeviceGetLimit %d", which);
    SHOW(what, "cudaDeviceGetLimit", &limit, which);
  }
  SHOW("cudaDeviceSetLimit stack 4096", "cudaDeviceSetLimit", 0, std::size_t{4096});
  SHOW("cudaDeviceGetLimit stack", "cudaDeviceGetLimit", &limit, 0);
  std::printf("%-58s %zu\n", "  limit", limit);
  SHOW("cudaDeviceSetLimit 99", "cudaDeviceSetLimit", 99, std::size_t{1});
  SHOW("cudaDeviceSetCacheConfig 1", "cudaDeviceSetCacheConfig", 1);
  SHOW("cudaDeviceGetCacheConfig", "cudaDeviceGetCacheConfig", &value);
  SHOW("cudaInitDevice with flags 2", "cudaInitDevice", 0, 0U, 2U);
  SHOW("cudaInitDevice", "cudaInitDevice", 0, 0U, 0U);
  int order[] = {0, 64};
  SHOW("cudaSetValidDevices with device 64", "cudaSetValidDevices", &order[0], 2);
  SHOW("cudaSetValidDevices of one", "cudaSetValidDevices", &order[0], 1);
  SHOW("cudaSetValidDevices of none", "cudaSetValidDevices", static_cast<int*>(nullptr), 0);
}

void memory() {
  void* pointer = kNowhere;
  SHOW("cudaMalloc of 0", "cudaMalloc", &pointer, std::size_t{0});
  std::printf("%-58s %s\n", "  pointer", pointer == nullptr ? "null" : "not null");
  SHOW("cudaMalloc null", "cudaMalloc", static_cast<void**>(nullptr), std::size_t{1});
  pointer = kNowhere;
  SHOW("cudaMalloc of 16 TiB", "cudaMalloc", &pointer, std::size_t{1} << 44);
  std::printf("%-58s %s\n", "  pointer", pointer == kNowhere ? "as it was" : pointer == nullptr ? "null" : "other");
  SHOW("cudaMalloc of SIZE_MAX", "cudaMalloc", &pointer, SIZE_MAX);
  SHOW("cudaMalloc of 1 MiB", "cudaMalloc", &pointer, kMiB);
  std::printf("%-58s %s\n", "  256 bytes aligned",
              (reinterpret_cast<std::uintptr_t>(pointer) & 255) == 0 ? "yes" : "no");
  SHOW("cudaFree of the middle", "cudaFree", static_cast<void*>(static_cast<char*>(pointer) + 512));
  SHOW("cudaFreeHost of device memory", "cudaFreeHost", pointer);
  SHOW("cudaFree", "cudaFree", pointer);
  SHOW("cudaFree again", "cudaFree", pointer);
  SHOW("cudaFree null", "cudaFree", static_cast<void*>(nullptr));
  SHOW("cudaFree nowhere", "cudaFree", kNowhere);
  int local = 0;
  SHOW("cudaFree of a local variable", "cudaFree", static_cast<void*>(&local));
  SHOW("cudaFreeHost null", "cudaFreeHost", static_cast<void*>(nullptr));
  SHOW("cudaFreeHost of a local variable", "cudaFreeHost", static_cast<void*>(&local));
  std::size_t pitch = 99;
  pointer = kNowhere;
  SHOW("cudaMallocPitch of 0 x 4", "cudaMallocPitch", &pointer, &pitch, std::size_t{0}, std::size_t{4});
  std::printf("%-58s %s, pitch %zu\n", "  pointer", pointer == nullptr ? "null" : "not null", pitch);
  SHOW("cudaMallocPitch of 4 x 0", "cudaMallocPitch", &pointer, &pitch, std::size_t{4}, std::size_t{0});
  std::printf("%-58s %s, pitch %zu\n", "  pointer", pointer == nullptr ? "null" : "not null", pitch);
  SHOW("cudaMallocPitch of 100 x 4", "cudaMallocPitch", &pointer, &pitch, std::size_t{100}, std::size_t{4});
  std::printf("%-58s %zu\n", "  pitch", pitch);
  SHOW("cudaFree", "cudaFree", pointer);
  cudaPitchedPtr box = {};
  SHOW("cudaMalloc3D of 100 x 3 x 2", "cudaMalloc3D", &box, cudaExtent{100, 3, 2});
  std::printf("%-58s pitch %zu, %zu x %zu\n", "  box", box.pitch, box.xsize, box.ysize);
  SHOW("cudaFree", "cudaFree", box.ptr);
  SHOW("cudaMalloc3D of 0 x 0 x 0", "cudaMalloc3D", &box, cudaExtent{0, 0, 0});
  std::printf("%-58s %s\n", "  pointer", box.ptr == nullptr ? "null" : "not null");
  SHOW("cudaMallocManaged of 0", "cudaMallocManaged", &pointer, std::size_t{0}, 1U);
  SHOW("cudaMallocManaged with flags 0", "cudaMallocManaged", &pointer, kMiB, 0U);
  SHOW("cudaMallocManaged", "cudaMallocManaged", &pointer, kMiB, 1U);
  std::memset(pointer, 7, kMiB);
  SHOW("cudaFree", "cudaFree", pointer);
  std::size_t free_bytes = 0;
  std::size_t total = 0;
  SHOW("cudaMemGetInfo", "cudaMemGetInfo", &free_bytes, &total);
  std::printf("%-58s %s\n", "  0 < free <= total", free_bytes > 0 && free_bytes <= total ? "yes" : "no");
  SHOW("cudaMemGetInfo without free", "cudaMemGetInfo", static_cast<std::size_t*>(nullptr), &total);
}

void host_memory() {
  void* pointer = kNowhere;
  SHOW("cudaHostAlloc of 0", "cudaHostAlloc", &pointer, std::size_t{0}, 0U);
  std::printf("%-58s %s\n", "  pointer", pointer == nullptr ? "null" : "not null");
  SHOW("cudaHostAlloc with flags 0x80", "cudaHostAlloc", &pointer, kMiB, 0x80U);
  SHOW("cudaMallocHost of 0", "cudaMallocHost", &pointer, std::size_t{0});
  SHOW("cudaHostAlloc portable and mapped", "cudaHostAlloc", &pointer, kMiB, 3U);
  unsigned flags = 0;
  SHOW("cudaHostGetFlags", "cudaHostGetFlags", &flags, pointer);
  std::printf("%-58s %u\n", "  flags", flags);
  void* device = nullptr;
  SHOW("cudaHostGetDevicePointer", "cudaHostGetDevicePointer", &device, pointer, 0U);
  SHOW("cudaHostGetDevicePointer with flags 1", "cudaHostGetDevicePointer", &device, pointer, 1U);
  SHOW("cudaHostGetDevicePointer of the middle", "cudaHostGetDevicePointer", &device,
       static_cast<void*>(static_cast<char*>(pointer) + 64), 0U);
  SHOW("cudaHostRegister of it", "cudaHostRegister", pointer, kMiB, 0U);
  SHOW("cudaFree of host memory", "cudaFree", pointer);
  SHOW("cudaFreeHost of the middle", "cudaFreeHost", static_cast<void*>(static_cast<char*>(pointer) + 64));
  SHOW("cudaFreeHost", "cudaFreeHost", pointer);
  SHOW("cudaFreeHost again", "cudaFreeHost", pointer);
  std::vector<char> plain(4 * kMiB);
  SHOW("cudaHostGetFlags of plain memory", "cudaHostGetFlags", &flags, static_cast<void*>(plain.data()));
  SHOW("cudaHostGetDevicePointer of plain memory", "cudaHostGetDevicePointer", &device,
       static_cast<void*>(plain.data()), 0U);
  SHOW("cudaHostRegister of 0", "cudaHostRegister", static_cast<void*>(plain.data()), std::size_t{0}, 0U);
  SHOW("cudaHostRegister null", "cudaHostRegister", static_cast<void*>(nullptr), kMiB, 0U);
  SHOW("cudaHostRegister with flags 0x80", "cudaHostRegister", static_cast<void*>(plain.data()), kMiB, 0x80U);
  SHOW("cudaHostRegister", "cudaHostRegister", static_cast<void*>(plain.data()), kMiB, 0U);
  SHOW("cudaHostRegister again", "cudaHostRegister", static_cast<void*>(plain.data()), kMiB, 0U);
  SHOW("cudaHostRegister overlapping", "cudaHostRegister", static_cast<void*>(plain.data() + kMiB / 2), kMiB, 0U);
  SHOW("cudaHostUnregister of the middle", "cudaHostUnregister", static_cast<void*>(plain.data() + kMiB / 2));
  SHOW("cudaHostUnregister", "cudaHostUnregister", static_cast<void*>(plain.data()));
  SHOW("cudaHostUnregister again", "cudaHostUnregister", static_cast<void*>(plain.data()));
}

void print_pointer(const char* what, const void* pointer) {
  cudaPointerAttributes answer = {};
  SHOW(what, "cudaPointerGetAttributes", &answer, pointer);
  const auto kind = [&](const void* given) { return given == nullptr ? "null" : given == pointer ? "same" : "other"; };
  std::printf("%-58s type %d, device %d, device pointer %s, host pointer %s\n", "  attributes", answer.type,
              answer.device, kind(answer.devicePointer), kind(answer.hostPointer));
}

void pointers() {
  void* pointer = nullptr;
  int local = 0;
  print_pointer("cudaPointerGetAttributes null", nullptr);
  print_pointer("cudaPointerGetAttributes of a local variable", &local);
  (*library)("cudaMalloc", &pointer, kMiB);
  print_pointer("cudaPointerGetAttributes of device memory", pointer);
  print_pointer("cudaPointerGetAttributes of its middle", static_cast<char*>(pointer) + 100);
  (*library)("cudaFree", pointer);
  print_pointer("cudaPointerGetAttributes after cudaFree", pointer);
  (*library)("cudaMallocManaged", &pointer, kMiB, 1U);
  print_pointer("cudaPointerGetAttributes of managed memory", pointer);
  (*library)("cudaFree", pointer);
  (*library)("cudaHostAlloc", &pointer, kMiB, 2U);
  print_pointer("cudaPointerGetAttributes of host memory", pointer);
  (*library)("cudaFreeHost", pointer);
  SHOW("cudaPointerGetAttributes without answer", "cudaPointerGetAttributes",
       static_cast<cudaPointerAttributes*>(nullptr), static_cast<const void*>(&local));
}

void copies() {
  constexpr std::size_t kSize = 4096;
  void* device = nullptr;
  void* other = nullptr;
  (*library)("cudaMalloc", &device, kSize);
  (*library)("cudaMalloc", &other, kSize);
  std::vector<char> host(2 * kSize, 1);
  void* const plain = host.data();
  void* const nothing = nullptr;
  const auto copy = [&](const char* what, void* to, const void* from, std::size_t size, int kind) {
    SHOW(what, "cudaMemcpy", to, from, size, kind);
  };
  copy("cudaMemcpy host to device", device, plain, kSize, 1);
  copy("cudaMemcpy device to host", plain, device, kSize, 2);
  copy("cudaMemcpy device to device", other, device, kSize, 3);
  copy("cudaMemcpy device to itself", device, device, kSize, 3);
  copy("cudaMemcpy host to host", plain, host.data() + kSize, kSize, 0);
  copy("cudaMemcpy default, to device", device, plain, kSize, 4);
  copy("cudaMemcpy default, to host", plain, device, kSize, 4);
  copy("cudaMemcpy of 0", device, plain, 0, 1);
  copy("cudaMemcpy of 0 with kind 9", device, plain, 0, 9);
  copy("cudaMemcpy with kind 9", device, plain, kSize, 9);
  copy("cudaMemcpy with kind -1", device, plain, kSize, -1);
  copy("cudaMemcpy to null", nothing, plain, kSize, 1);
  copy("cudaMemcpy from null", device, nothing, kSize, 1);
  copy("cudaMemcpy of 0 to null", nothing, plain, 0, 1);
  copy("cudaMemcpy device to device, to plain memory", plain, device, kSize, 3);
  copy("cudaMemcpy host to device, to plain memory", plain, host.data() + kSize, kSize, 1);
  copy("cudaMemcpy device to host, from plain memory", plain, host.data() + kSize, kSize, 2);
  copy("cudaMemcpy host to device, backwards", plain, device, kSize, 1);
  copy("cudaMemcpy device to host, backwards", device, plain, kSize, 2);
  const Stream legacy = nullptr;
  SHOW("cudaMemcpyAsync with kind 9", "cudaMemcpyAsync", device, static_cast<const void*>(plain), kSize, 9, legacy);
  SHOW("cudaMemcpyAsync to null", "cudaMemcpyAsync", nothing, static_cast<const void*>(plain), kSize, 1, legacy);
  SHOW("cudaMemcpyAsync of 0 on no stream", "cudaMemcpyAsync", device, static_cast<const void*>(plain), std::size_t{0},
       1, legacy);
  const auto copy2d = [&](const char* what, void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                          std::size_t width, std::size_t height, int kind) {
    SHOW(what, "cudaMemcpy2D", to, to_pitch, from, from_pitch, width, height, kind);
  };
  copy2d("cudaMemcpy2D", device, 128, plain, 64, 60, 8, 1);
  copy2d("cudaMemcpy2D wider than the target's pitch", device, 32, plain, 64, 60, 8, 1);
  copy2d("cudaMemcpy2D wider than the source's pitch", device, 128, plain, 32, 60, 8, 1);
  copy2d("cudaMemcpy2D wider, height 1", device, 32, plain, 32, 60, 1, 1);
  copy2d("cudaMemcpy2D of width 0", device, 128, plain, 64, 0, 8, 1);
  copy2d("cudaMemcpy2D of height 0", device, 128, plain, 64, 60, 0, 1);
  copy2d("cudaMemcpy2D of height 0 with kind 9", device, 128, plain, 64, 60, 0, 9);
  copy2d("cudaMemcpy2D of width 0, wider than the pitch", device, 0, plain, 0, 0, 0, 1);
  copy2d("cudaMemcpy2D with kind 9", device, 128, plain, 64, 60, 8, 9);
  copy2d("cudaMemcpy2D to null", nothing, 128, plain, 64, 60, 8, 1);
  cudaMemcpy3DParms parms = {};
  SHOW("cudaMemcpy3D of nothing", "cudaMemcpy3D", static_cast<const cudaMemcpy3DParms*>(&parms));
  SHOW("cudaMemcpy3D null", "cudaMemcpy3D", static_cast<const cudaMemcpy3DParms*>(nullptr));
  parms.srcPtr = {plain, 64, 64, 4};
  parms.dstPtr = {device, 64, 64, 4};
  parms.kind = 1;
  SHOW("cudaMemcpy3D of extent 0", "cudaMemcpy3D", static_cast<const cudaMemcpy3DParms*>(&parms));
  parms.extent = {32, 4, 4};
  SHOW("cudaMemcpy3D", "cudaMemcpy3D", static_cast<const cudaMemcpy3DParms*>(&parms));
  parms.kind = 9;
  SHOW("cudaMemcpy3D with kind 9", "cudaMemcpy3D", static_cast<const cudaMemcpy3DParms*>(&parms));
  parms.kind = 1;
  parms.extent = {65, 4, 4};
  SHOW("cudaMemcpy3D wider than the pitch", "cudaMemcpy3D", static_cast<const cudaMemcpy3DParms*>(&parms));
  SHOW("cudaMemcpyPeer from and to one device", "cudaMemcpyPeer", other, 0, static_cast<const void*>(device), 0, kSize);
  SHOW("cudaMemcpyPeer with device 64", "cudaMemcpyPeer", other, 64, static_cast<const void*>(device), 0, kSize);
  SHOW("cudaMemset", "cudaMemset", device, 1, kSize);
  SHOW("cudaMemset of 0", "cudaMemset", device, 1, std::size_t{0});
  SHOW("cudaMemset of 0 at null", "cudaMemset", nothing, 1, std::size_t{0});
  SHOW("cudaMemset at null", "cudaMemset", nothing, 1, kSize);
  SHOW("cudaMemset of plain memory", "cudaMemset", plain, 1, kSize);
  SHOW("cudaMemset2D", "cudaMemset2D", device, std::size_t{128}, 1, std::size_t{60}, std::size_t{8});
  SHOW("cudaMemset2D wider than the pitch", "cudaMemset2D", device, std::size_t{32}, 1, std::size_t{60},
       std::size_t{8});
  SHOW("cudaMemset2D of width 0", "cudaMemset2D", device, std::size_t{32}, 1, std::size_t{0}, std::size_t{8});
  const cudaPitchedPtr box = {device, 64, 64, 4};
  SHOW("cudaMemset3D", "cudaMemset3D", box, 1, cudaExtent{60, 4, 4});
  SHOW("cudaMemset3D of part of the rows", "cudaMemset3D", box, 1, cudaExtent{60, 2, 4});
  SHOW("cudaMemset3D of 0", "cudaMemset3D", box, 1, cudaExtent{0, 0, 0});
  SHOW("cudaMemset3D wider than the pitch", "cudaMemset3D", box, 1, cudaExtent{65, 4, 4});
  (*library)("cudaFree", device);
  (*library)("cudaFree", other);
}

}  // namespace vgpu::questions
