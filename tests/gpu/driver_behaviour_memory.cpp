// driver_behaviour.cpp: the questions about memory: device, host, what a pointer is, copies, fills.
#include <vector>

#include "tests/gpu/driver_questions.h"

namespace vgpu::questions {

void plain_memory() {
  CUdeviceptr pointer = 0;
  std::size_t pitch = 0;
  std::size_t size = 0;
  SHOW("cuMemAlloc of 0", "cuMemAlloc_v2", &pointer, std::size_t{0});
  SHOW("cuMemAlloc null", "cuMemAlloc_v2", static_cast<CUdeviceptr*>(nullptr), kMiB);
  SHOW("cuMemAlloc of SIZE_MAX", "cuMemAlloc_v2", &pointer, SIZE_MAX);
  SHOW("cuMemAllocPitch of 0", "cuMemAllocPitch_v2", &pointer, &pitch, std::size_t{0}, std::size_t{4}, 4U);
  SHOW("cuMemAllocPitch with element 3", "cuMemAllocPitch_v2", &pointer, &pitch, std::size_t{100}, std::size_t{4}, 3U);
  SHOW("cuMemAllocManaged with flags 0", "cuMemAllocManaged", &pointer, kMiB, 0U);
  SHOW("cuMemAllocManaged with flags 4", "cuMemAllocManaged", &pointer, kMiB, 4U);
  SHOW("cuMemAllocManaged of 0", "cuMemAllocManaged", &pointer, std::size_t{0}, 1U);
  SHOW("cuMemFree null", "cuMemFree_v2", CUdeviceptr{0});
  SHOW("cuMemFree nowhere", "cuMemFree_v2", kNowhere);
  pointer = allocate(1000);
  SHOW("cuMemFree of the middle", "cuMemFree_v2", pointer + 512);
  SHOW("cuMemGetAddressRange", "cuMemGetAddressRange_v2", kNothing, &size, pointer + 999);
  print("size", size);
  SHOW("cuMemGetAddressRange nowhere", "cuMemGetAddressRange_v2", kNothing, &size, kNowhere);
  SHOW("cuMemGetInfo null", "cuMemGetInfo_v2", kNothing, &size);
  SHOW("cuMemFree", "cuMemFree_v2", pointer);
  SHOW("cuMemFree again", "cuMemFree_v2", pointer);
}

void host_memory() {
  void* host = nullptr;
  unsigned flags = 0;
  CUdeviceptr device = 0;
  host = &flags;
  SHOW("cuMemHostAlloc of 0", "cuMemHostAlloc", &host, std::size_t{0}, 0U);
  print("null", host == nullptr);
  SHOW("cuMemHostAlloc null", "cuMemHostAlloc", kNothing, kMiB, 0U);
  SHOW("cuMemHostAlloc with flags 8", "cuMemHostAlloc", &host, kMiB, 8U);
  SHOW("cuMemAllocHost of 0", "cuMemAllocHost_v2", &host, std::size_t{0});
  for (const unsigned wanted : {0U, 1U, 4U}) {
    SHOW("cuMemHostAlloc", "cuMemHostAlloc", &host, kMiB, wanted);
    SHOW("cuMemHostGetFlags", "cuMemHostGetFlags", &flags, host);
    print("flags", flags);
    SHOW("cuMemFreeHost", "cuMemFreeHost", host);
  }
  SHOW("cuMemAllocHost", "cuMemAllocHost_v2", &host, kMiB);
  SHOW("cuMemHostGetFlags", "cuMemHostGetFlags", &flags, host);
  print("flags", flags);
  SHOW("cuMemHostGetFlags null", "cuMemHostGetFlags", kNothing, host);
  SHOW("cuMemHostGetDevicePointer null", "cuMemHostGetDevicePointer_v2", kNothing, host, 0U);
  SHOW("cuMemHostGetDevicePointer with flags 1", "cuMemHostGetDevicePointer_v2", &device, host, 1U);
  SHOW("cuMemHostGetDevicePointer", "cuMemHostGetDevicePointer_v2", &device, host, 0U);
  SHOW("cuMemHostUnregister of allocated memory", "cuMemHostUnregister", host);
  SHOW("cuMemFree of host memory", "cuMemFree_v2", number(host));
  SHOW("cuMemFreeHost", "cuMemFreeHost", host);
  SHOW("cuMemFreeHost again", "cuMemFreeHost", host);
  SHOW("cuMemFreeHost null", "cuMemFreeHost", kNothing);
  std::vector<char> plain(4 * kMiB);
  void* const at = plain.data();
  SHOW("cuMemHostRegister null", "cuMemHostRegister_v2", kNothing, kMiB, 0U);
  SHOW("cuMemHostRegister of 0", "cuMemHostRegister_v2", at, std::size_t{0}, 0U);
  SHOW("cuMemHostRegister with flags 0x80", "cuMemHostRegister_v2", at, kMiB, 0x80U);
  SHOW("cuMemHostRegister of what is not mapped", "cuMemHostRegister_v2",
       reinterpret_cast<void*>(std::uintptr_t{0x10000}), kMiB, 0U);
  SHOW("cuMemHostRegister", "cuMemHostRegister_v2", at, kMiB, 1U);
  SHOW("cuMemHostGetFlags", "cuMemHostGetFlags", &flags, at);
  print("flags", flags);
  SHOW("cuMemHostGetDevicePointer", "cuMemHostGetDevicePointer_v2", &device, at, 0U);
  SHOW("cuMemHostRegister again", "cuMemHostRegister_v2", at, kMiB, 0U);
  SHOW("cuMemFreeHost of registered memory", "cuMemFreeHost", at);
  SHOW("cuMemHostUnregister null", "cuMemHostUnregister", kNothing);
  SHOW("cuMemHostUnregister of the middle", "cuMemHostUnregister", static_cast<void*>(plain.data() + 4096));
  SHOW("cuMemHostUnregister", "cuMemHostUnregister", at);
  SHOW("cuMemHostUnregister again", "cuMemHostUnregister", at);
}

void attributes_of(const char* kind, CUdeviceptr pointer) {
  for (int attribute = 0; attribute <= 22; ++attribute) {
    if (attribute == CU_POINTER_ATTRIBUTE_P2P_TOKENS || attribute == CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE)
      continue;
    // What depends on the device or its driver's options.
    const bool told = attribute == CU_POINTER_ATTRIBUTE_MEMORY_TYPE || attribute == CU_POINTER_ATTRIBUTE_IS_MANAGED ||
                      attribute == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL ||
                      attribute == CU_POINTER_ATTRIBUTE_RANGE_SIZE || attribute == CU_POINTER_ATTRIBUTE_MAPPED ||
                      attribute == CU_POINTER_ATTRIBUTE_ACCESS_FLAGS || attribute == CU_POINTER_ATTRIBUTE_SYNC_MEMOPS;
    unsigned char answer[64];
    std::memset(answer, 0x55, sizeof answer);
    char what[80];
    std::snprintf(what, sizeof what, "cuPointerGetAttribute %d of %s", attribute, kind);
    SHOW(what, "cuPointerGetAttribute", static_cast<void*>(answer), attribute, pointer);
    std::size_t written = sizeof answer;
    while (written > 0 && answer[written - 1] == 0x55) --written;
    std::uint64_t value = 0;
    std::memcpy(&value, answer, written < 8 ? written : 8);
    if (written != 0) print("bytes", written);
    if (told && written != 0) print("value", value);
    unsigned char several[64];
    std::memset(several, 0x55, sizeof several);
    void* values[] = {several};
    std::snprintf(what, sizeof what, "cuPointerGetAttributes %d of %s", attribute, kind);
    SHOW(what, "cuPointerGetAttributes", 1U, &attribute, &values[0], pointer);
    std::size_t several_written = sizeof several;
    while (several_written > 0 && several[several_written - 1] == 0x55) --several_written;
    if (several_written != written) print("bytes", several_written);
    if (written == 0 && several_written != 0) {
      value = 0;
      std::memcpy(&value, several, several_written < 8 ? several_written : 8);
      print("value", attribute == CU_POINTER_ATTRIBUTE_HOST_POINTER ? std::uint64_t{value == pointer} : value);
    }
  }
}

void pointers() {
  CUdeviceptr pointer = allocate(kMiB);
  void* host = nullptr;
  int local = 0;
  attributes_of("device memory", pointer + 100);
  int on = 1;
  SHOW("cuPointerSetAttribute", "cuPointerSetAttribute", &on, 6, pointer);
  SHOW("cuPointerSetAttribute null", "cuPointerSetAttribute", kNothing, 6, pointer);
  SHOW("cuPointerSetAttribute 2", "cuPointerSetAttribute", &on, 2, pointer);
  SHOW("cuPointerSetAttribute of plain memory", "cuPointerSetAttribute", &on, 6, number(&local));
  SHOW("cuPointerGetAttribute null", "cuPointerGetAttribute", kNothing, 2, pointer);
  SHOW("cuPointerGetAttributes of none", "cuPointerGetAttributes", 0U, kNothing, kNothing, pointer);
  release(pointer);
  call("cuMemHostAlloc", &host, kMiB, 0U);
  attributes_of("host memory", number(host));
  SHOW("cuPointerSetAttribute of host memory", "cuPointerSetAttribute", &on, 6, number(host));
  call("cuMemFreeHost", host);
  call("cuMemAllocManaged", &pointer, kMiB, 1U);
  attributes_of("managed memory", pointer);
  release(pointer);
  call("cuMemAllocAsync", &pointer, kMiB, kDefault);
  call("cuStreamSynchronize", kDefault);
  attributes_of("pooled memory", pointer);
  release(pointer);
  std::vector<char> plain(2 * kMiB);
  call("cuMemHostRegister_v2", static_cast<void*>(plain.data()), kMiB, 0U);
  attributes_of("registered memory", number(plain.data()));
  call("cuMemHostUnregister", static_cast<void*>(plain.data()));
  attributes_of("plain memory", number(&local));
}

void copies() {
  constexpr std::size_t kSize = 4096;
  const CUdeviceptr device = allocate(kSize);
  const CUdeviceptr other = allocate(kSize);
  std::vector<char> plain(2 * kSize, 1);
  const CUdeviceptr host = number(plain.data());
  void* const at = plain.data();
  SHOW("cuMemcpy host to device", "cuMemcpy", device, host, kSize);
  SHOW("cuMemcpy host to host", "cuMemcpy", host, host + kSize, kSize);
  SHOW("cuMemcpy of 0 nowhere", "cuMemcpy", kNowhere, kNowhere, std::size_t{0});
  SHOW("cuMemcpy to null", "cuMemcpy", CUdeviceptr{0}, host, kSize);
  SHOW("cuMemcpyHtoD", "cuMemcpyHtoD_v2", device, at, kSize);
  SHOW("cuMemcpyHtoD to plain memory", "cuMemcpyHtoD_v2", host + kSize, at, kSize);
  SHOW("cuMemcpyHtoD from device memory", "cuMemcpyHtoD_v2", other, reinterpret_cast<void*>(device), kSize);
  SHOW("cuMemcpyHtoD from null", "cuMemcpyHtoD_v2", device, kNothing, kSize);
  SHOW("cuMemcpyDtoH", "cuMemcpyDtoH_v2", at, device, kSize);
  SHOW("cuMemcpyDtoH from plain memory", "cuMemcpyDtoH_v2", at, host + kSize, kSize);
  SHOW("cuMemcpyDtoH to device memory", "cuMemcpyDtoH_v2", reinterpret_cast<void*>(other), device, kSize);
  SHOW("cuMemcpyDtoH to null", "cuMemcpyDtoH_v2", kNothing, device, kSize);
  SHOW("cuMemcpyDtoD", "cuMemcpyDtoD_v2", other, device, kSize);
  SHOW("cuMemcpyDtoD from plain memory", "cuMemcpyDtoD_v2", other, host, kSize);
  SHOW("cuMemcpyDtoD of 0 nowhere", "cuMemcpyDtoD_v2", kNowhere, kNowhere, std::size_t{0});
  CUcontext context = nullptr;
  const CUcontext no_context = nullptr;
  call("cuCtxGetCurrent", &context);
  SHOW("cuMemcpyPeer", "cuMemcpyPeer", other, context, device, context, kSize);
  SHOW("cuMemcpyPeer without a context", "cuMemcpyPeer", other, no_context, device, context, kSize);
  CUDA_MEMCPY2D flat = {};
  SHOW("cuMemcpy2D null", "cuMemcpy2D_v2", static_cast<const CUDA_MEMCPY2D*>(nullptr));
  SHOW("cuMemcpy2D of nothing", "cuMemcpy2D_v2", static_cast<const CUDA_MEMCPY2D*>(&flat));
  flat.srcMemoryType = CU_MEMORYTYPE_HOST;
  flat.srcHost = at;
  flat.srcPitch = 64;
  flat.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  flat.dstDevice = device;
  flat.dstPitch = 128;
  SHOW("cuMemcpy2D of size 0", "cuMemcpy2D_v2", static_cast<const CUDA_MEMCPY2D*>(&flat));
  const auto copy2d = [&](const char* what, const CUDA_MEMCPY2D& copy) {
    show(what, call("cuMemcpy2D_v2", &copy));
    char unaligned[80];
    std::snprintf(unaligned, sizeof unaligned, "%s, unaligned", what);
    show(unaligned, call("cuMemcpy2DUnaligned_v2", &copy));
  };
  flat.WidthInBytes = 60;
  flat.Height = 8;
  copy2d("cuMemcpy2D", flat);
  flat.dstPitch = 32;
  copy2d("cuMemcpy2D wider than the target's pitch", flat);
  flat.Height = 1;
  copy2d("cuMemcpy2D wider than the target's pitch, one row", flat);
  flat.dstPitch = 0;
  copy2d("cuMemcpy2D with pitch 0, one row", flat);
  flat.Height = 8;
  copy2d("cuMemcpy2D with pitch 0", flat);
  flat.dstPitch = 128;
  flat.dstXInBytes = 100;
  copy2d("cuMemcpy2D over the end of the rows", flat);
  flat.dstXInBytes = 0;
  flat.srcMemoryType = static_cast<CUmemorytype>(9);
  copy2d("cuMemcpy2D with memory type 9", flat);
  flat.srcMemoryType = CU_MEMORYTYPE_ARRAY;
  copy2d("cuMemcpy2D from an array that is null", flat);
  flat.srcMemoryType = CU_MEMORYTYPE_UNIFIED;
  flat.srcDevice = host;
  copy2d("cuMemcpy2D from a unified address", flat);
  CUDA_MEMCPY3D box = {};
  SHOW("cuMemcpy3D null", "cuMemcpy3D_v2", static_cast<const CUDA_MEMCPY3D*>(nullptr));
  box.srcMemoryType = CU_MEMORYTYPE_HOST;
  box.srcHost = at;
  box.srcPitch = 64;
  box.srcHeight = 4;
  box.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  box.dstDevice = device;
  box.dstPitch = 64;
  box.dstHeight = 4;
  const auto copy3d = [&](const char* what) { show(what, call("cuMemcpy3D_v2", &box)); };
  copy3d("cuMemcpy3D of size 0");
  box.WidthInBytes = 32;
  box.Height = 4;
  box.Depth = 4;
  copy3d("cuMemcpy3D");
  box.dstHeight = 3;
  copy3d("cuMemcpy3D higher than its layers");
  box.dstHeight = 0;
  copy3d("cuMemcpy3D with layers of height 0");
  box.dstHeight = 4;
  box.srcLOD = 1;
  copy3d("cuMemcpy3D with a level");
  box.srcLOD = 0;
  box.dstPitch = 16;
  copy3d("cuMemcpy3D wider than the pitch");
  call("cuMemFree_v2", device);
  call("cuMemFree_v2", other);
}

void fills() {
  const CUdeviceptr device = allocate(4096);
  std::vector<unsigned char> plain(4096);
  const auto byte = static_cast<unsigned char>(1);
  const auto word = static_cast<unsigned short>(1);
  SHOW("cuMemsetD8", "cuMemsetD8_v2", device, byte, std::size_t{4096});
  SHOW("cuMemsetD8 of 0", "cuMemsetD8_v2", device, byte, std::size_t{0});
  SHOW("cuMemsetD8 of 0 nowhere", "cuMemsetD8_v2", kNowhere, byte, std::size_t{0});
  SHOW("cuMemsetD8 at null", "cuMemsetD8_v2", CUdeviceptr{0}, byte, std::size_t{1});
  SHOW("cuMemsetD8 of plain memory", "cuMemsetD8_v2", number(plain.data()), byte, std::size_t{1});
  SHOW("cuMemsetD16 at an odd address", "cuMemsetD16_v2", device + 1, word, std::size_t{1});
  SHOW("cuMemsetD32 at an odd address", "cuMemsetD32_v2", device + 2, 1U, std::size_t{1});
  SHOW("cuMemsetD2D8", "cuMemsetD2D8_v2", device, std::size_t{128}, byte, std::size_t{60}, std::size_t{8});
  SHOW("cuMemsetD2D8 wider than the pitch", "cuMemsetD2D8_v2", device, std::size_t{32}, byte, std::size_t{60},
       std::size_t{8});
  SHOW("cuMemsetD2D8 wider than the pitch, one row", "cuMemsetD2D8_v2", device, std::size_t{32}, byte, std::size_t{60},
       std::size_t{1});
  SHOW("cuMemsetD2D8 with pitch 0, one row", "cuMemsetD2D8_v2", device, std::size_t{0}, byte, std::size_t{60},
       std::size_t{1});
  SHOW("cuMemsetD2D8 of width 0", "cuMemsetD2D8_v2", device, std::size_t{32}, byte, std::size_t{0}, std::size_t{8});
  SHOW("cuMemsetD2D16 with an odd pitch", "cuMemsetD2D16_v2", device, std::size_t{129}, word, std::size_t{4},
       std::size_t{8});
  SHOW("cuMemsetD2D32 with pitch 130", "cuMemsetD2D32_v2", device, std::size_t{130}, 1U, std::size_t{4},
       std::size_t{8});
  release(device);
}

}  // namespace vgpu::questions
