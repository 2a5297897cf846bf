// driver_behaviour.cpp: the questions about managed memory, pools, values in memory, batches of operations.
#include <vector>

#include "tests/gpu/driver_questions.h"

namespace vgpu::questions {

void managed() {
  CUdeviceptr pointer = 0;
  int answer[3] = {77, 77, 77};
  void* const out = answer;
  call("cuMemAllocManaged", &pointer, kMiB, 1U);
  for (int attribute = 0; attribute <= 9; ++attribute) {
    char what[80];
    std::snprintf(what, sizeof what, "cuMemRangeGetAttribute %d", attribute);
    answer[0] = 77;
    SHOW(what, "cuMemRangeGetAttribute", out, std::size_t{4}, attribute, pointer, kMiB);
    print("value", answer[0]);
  }
  SHOW("cuMemAdvise 0", "cuMemAdvise", pointer, kMiB, 0, 0);
  SHOW("cuMemAdvise 7", "cuMemAdvise", pointer, kMiB, 7, 0);
  SHOW("cuMemAdvise read mostly", "cuMemAdvise", pointer, kMiB, 1, 0);
  SHOW("cuMemAdvise preferred location device 64", "cuMemAdvise", pointer, kMiB, 3, 64);
  SHOW("cuMemAdvise preferred location", "cuMemAdvise", pointer, kMiB, 3, 0);
  SHOW("cuMemAdvise accessed by the host", "cuMemAdvise", pointer, kMiB, 5, -1);
  SHOW("cuMemAdvise of 0 bytes", "cuMemAdvise", pointer, std::size_t{0}, 1, 0);
  SHOW("cuMemAdvise over the end", "cuMemAdvise", pointer, 4 * kMiB, 1, 0);
  SHOW("cuMemAdvise nowhere", "cuMemAdvise", kNowhere, kMiB, 1, 0);
  SHOW("cuMemPrefetchAsync", "cuMemPrefetchAsync", pointer, kMiB, 0, kDefault);
  SHOW("cuMemPrefetchAsync to the host", "cuMemPrefetchAsync", pointer, kMiB, -1, kDefault);
  SHOW("cuMemPrefetchAsync to device 64", "cuMemPrefetchAsync", pointer, kMiB, 64, kDefault);
  SHOW("cuMemPrefetchAsync of 0 bytes", "cuMemPrefetchAsync", pointer, std::size_t{0}, 0, kDefault);
  SHOW("cuMemPrefetchAsync nowhere", "cuMemPrefetchAsync", kNowhere, kMiB, 0, kDefault);
  for (int attribute = 1; attribute <= 8; ++attribute) {
    char what[80];
    std::snprintf(what, sizeof what, "cuMemRangeGetAttribute %d after advice", attribute);
    SHOW(what, "cuMemRangeGetAttribute", out, std::size_t{4}, attribute, pointer, kMiB);
    print("value", answer[0]);
  }
  SHOW("cuMemRangeGetAttribute accessed by, into 12 bytes", "cuMemRangeGetAttribute", out, std::size_t{12}, 3, pointer,
       kMiB);
  for (const int one : answer) print("value", one);
  SHOW("cuMemRangeGetAttribute into 8 bytes", "cuMemRangeGetAttribute", out, std::size_t{8}, 1, pointer, kMiB);
  SHOW("cuMemRangeGetAttribute accessed by, into 6 bytes", "cuMemRangeGetAttribute", out, std::size_t{6}, 3, pointer,
       kMiB);
  SHOW("cuMemRangeGetAttribute null", "cuMemRangeGetAttribute", kNothing, std::size_t{4}, 1, pointer, kMiB);
  SHOW("cuStreamAttachMemAsync", "cuStreamAttachMemAsync", kDefault, pointer, std::size_t{0}, 1U);
  SHOW("cuStreamAttachMemAsync single to the default stream", "cuStreamAttachMemAsync", kDefault, pointer,
       std::size_t{0}, 4U);
  SHOW("cuStreamAttachMemAsync with flags 8", "cuStreamAttachMemAsync", kDefault, pointer, std::size_t{0}, 8U);
  SHOW("cuStreamAttachMemAsync of a part", "cuStreamAttachMemAsync", kDefault, pointer, std::size_t{4096}, 1U);
  release(pointer);
  pointer = allocate(kMiB);
  SHOW("cuMemAdvise of device memory", "cuMemAdvise", pointer, kMiB, 1, 0);
  SHOW("cuMemPrefetchAsync of device memory", "cuMemPrefetchAsync", pointer, kMiB, 0, kDefault);
  SHOW("cuMemRangeGetAttribute of device memory", "cuMemRangeGetAttribute", out, std::size_t{4}, 1, pointer, kMiB);
  SHOW("cuStreamAttachMemAsync of device memory", "cuStreamAttachMemAsync", kDefault, pointer, std::size_t{0}, 1U);
  release(pointer);
}

void pools() {
  CUmemoryPool pool = nullptr;
  CUmemoryPool made = nullptr;
  const CUmemoryPool no_pool = nullptr;
  CUdeviceptr pointer = 0;
  std::uint64_t value = 77;
  int flags = 77;
  void* const out = &value;
  pointer = 77;
  SHOW("cuMemAllocAsync of 0", "cuMemAllocAsync", &pointer, std::size_t{0}, kDefault);
  print("pointer", pointer);
  SHOW("cuMemAllocAsync null", "cuMemAllocAsync", static_cast<CUdeviceptr*>(nullptr), kMiB, kDefault);
  SHOW("cuMemAllocFromPoolAsync of no pool", "cuMemAllocFromPoolAsync", &pointer, kMiB, no_pool, kDefault);
  SHOW("cuMemFreeAsync null", "cuMemFreeAsync", CUdeviceptr{0}, kDefault);
  SHOW("cuMemFreeAsync nowhere", "cuMemFreeAsync", kNowhere, kDefault);
  SHOW("cuDeviceGetDefaultMemPool null", "cuDeviceGetDefaultMemPool", static_cast<CUmemoryPool*>(nullptr), 0);
  SHOW("cuDeviceGetDefaultMemPool of device 64", "cuDeviceGetDefaultMemPool", &pool, 64);
  SHOW("cuDeviceGetDefaultMemPool", "cuDeviceGetDefaultMemPool", &pool, 0);
  SHOW("cuDeviceGetMemPool", "cuDeviceGetMemPool", &made, 0);
  print("is the default", pool == made);
  for (int attribute = 0; attribute <= 5; ++attribute) {
    char what[80];
    std::snprintf(what, sizeof what, "cuMemPoolGetAttribute %d", attribute);
    value = 0x5555555555555555;
    SHOW(what, "cuMemPoolGetAttribute", pool, attribute, out);
    if (attribute < 5) print("value", value);
  }
  SHOW("cuMemPoolGetAttribute null", "cuMemPoolGetAttribute", pool, 4, kNothing);
  SHOW("cuMemPoolGetAttribute of no pool", "cuMemPoolGetAttribute", no_pool, 4, out);
  value = 1;
  for (int attribute = 0; attribute <= 9; ++attribute) {
    char what[80];
    std::snprintf(what, sizeof what, "cuMemPoolSetAttribute %d to 1", attribute);
    SHOW(what, "cuMemPoolSetAttribute", pool, attribute, out);
  }
  value = 0;
  SHOW("cuMemPoolSetAttribute used high to 0", "cuMemPoolSetAttribute", pool, 8, out);
  SHOW("cuMemPoolSetAttribute release threshold to 0", "cuMemPoolSetAttribute", pool, 4, out);
  SHOW("cuMemPoolDestroy of the default pool", "cuMemPoolDestroy", pool);
  SHOW("cuMemPoolDestroy of no pool", "cuMemPoolDestroy", no_pool);
  SHOW("cuMemPoolTrimTo", "cuMemPoolTrimTo", pool, std::size_t{0});
  CUmemLocation location = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
  CUmemAccessDesc access = {location, 0};
  SHOW("cuMemPoolGetAccess", "cuMemPoolGetAccess", &flags, pool, &location);
  print("flags", flags);
  SHOW("cuMemPoolSetAccess none for its own device", "cuMemPoolSetAccess", pool,
       static_cast<const CUmemAccessDesc*>(&access), std::size_t{1});
  access.flags = 3;
  SHOW("cuMemPoolSetAccess all for its own device", "cuMemPoolSetAccess", pool,
       static_cast<const CUmemAccessDesc*>(&access), std::size_t{1});
  SHOW("cuMemPoolSetAccess of none", "cuMemPoolSetAccess", pool, static_cast<const CUmemAccessDesc*>(&access),
       std::size_t{0});
  location.id = 64;
  SHOW("cuMemPoolGetAccess of device 64", "cuMemPoolGetAccess", &flags, pool, &location);
  CUmemPoolProps properties = {};
  const CUmemPoolProps* const wanted = &properties;
  SHOW("cuMemPoolCreate null", "cuMemPoolCreate", static_cast<CUmemoryPool*>(nullptr), wanted);
  SHOW("cuMemPoolCreate of nothing", "cuMemPoolCreate", &made, wanted);
  properties.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.location = {CU_MEM_LOCATION_TYPE_DEVICE, 64};
  SHOW("cuMemPoolCreate on device 64", "cuMemPoolCreate", &made, wanted);
  properties.location.id = 0;
  properties.reserved[3] = 1;
  SHOW("cuMemPoolCreate with a reserved byte", "cuMemPoolCreate", &made, wanted);
  properties.reserved[3] = 0;
  properties.maxSize = 64 * kMiB;
  SHOW("cuMemPoolCreate of 64 MiB", "cuMemPoolCreate", &made, wanted);
  SHOW("cuMemAllocFromPoolAsync of 65 MiB", "cuMemAllocFromPoolAsync", &pointer, 65 * kMiB, made, kDefault);
  SHOW("cuMemAllocFromPoolAsync of 33 MiB", "cuMemAllocFromPoolAsync", &pointer, 33 * kMiB, made, kDefault);
  SHOW("cuDeviceSetMemPool", "cuDeviceSetMemPool", 0, made);
  SHOW("cuDeviceSetMemPool null", "cuDeviceSetMemPool", 0, no_pool);
  SHOW("cuMemPoolDestroy", "cuMemPoolDestroy", made);
  call("cuDeviceGetMemPool", &made, 0);
  print("is the default again", made == pool);
  SHOW("cuMemFreeAsync of its memory", "cuMemFreeAsync", pointer, kDefault);
  SHOW("cuMemFreeAsync again", "cuMemFreeAsync", pointer, kDefault);
  pointer = allocate(kMiB);
  SHOW("cuMemFreeAsync of the middle", "cuMemFreeAsync", pointer + 512, kDefault);
  SHOW("cuMemFreeAsync of memory of cuMemAlloc", "cuMemFreeAsync", pointer, kDefault);
  SHOW("cuStreamSynchronize", "cuStreamSynchronize", kDefault);
}

void values() {
  const CUdeviceptr device = allocate(64);
  std::uint32_t narrow = 0;
  std::vector<std::uint32_t> plain(4);
  call("cuMemsetD8_v2", device, static_cast<unsigned char>(0), std::size_t{64});
  SHOW("cuStreamWriteValue32", "cuStreamWriteValue32_v2", kDefault, device, std::uint32_t{5}, 0U);
  SHOW("cuStreamWriteValue32 without a barrier", "cuStreamWriteValue32_v2", kDefault, device, std::uint32_t{6}, 1U);
  SHOW("cuStreamWriteValue32 with flags 4", "cuStreamWriteValue32_v2", kDefault, device, std::uint32_t{6}, 4U);
  SHOW("cuStreamWriteValue32 at an odd address", "cuStreamWriteValue32_v2", kDefault, device + 2, std::uint32_t{6}, 0U);
  SHOW("cuStreamWriteValue64 at an odd address", "cuStreamWriteValue64_v2", kDefault, device + 4, std::uint64_t{6}, 0U);
  SHOW("cuStreamWriteValue32 at null", "cuStreamWriteValue32_v2", kDefault, CUdeviceptr{0}, std::uint32_t{6}, 0U);
  SHOW("cuStreamWriteValue32 of plain memory", "cuStreamWriteValue32_v2", kDefault, number(plain.data()),
       std::uint32_t{6}, 0U);
  SHOW("cuStreamWaitValue32 equal", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{5}, 1U);
  SHOW("cuStreamWaitValue32 greater", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{4}, 0U);
  SHOW("cuStreamWaitValue32 and", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{4}, 2U);
  SHOW("cuStreamWaitValue32 nor", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{1}, 3U);
  SHOW("cuStreamWaitValue32 with flags 4", "cuStreamWaitValue32_v2", kDefault, device, std::uint32_t{6}, 4U);
  SHOW("cuStreamSynchronize", "cuStreamSynchronize", kDefault);
  CUstreamBatchMemOpParams operations[2] = {};
  operations[0].writeValue = {CU_STREAM_MEM_OP_WRITE_VALUE_32, device, {9}, 0, 0};
  operations[1].waitValue = {CU_STREAM_MEM_OP_WAIT_VALUE_32, device, {9}, 1, 0};
  SHOW("cuStreamBatchMemOp", "cuStreamBatchMemOp_v2", kDefault, 2U, &operations[0], 0U);
  SHOW("cuStreamBatchMemOp of none", "cuStreamBatchMemOp_v2", kDefault, 0U, &operations[0], 0U);
  SHOW("cuStreamBatchMemOp with flags 1", "cuStreamBatchMemOp_v2", kDefault, 2U, &operations[0], 1U);
  SHOW("cuStreamBatchMemOp of 257", "cuStreamBatchMemOp_v2", kDefault, 257U, &operations[0], 0U);
  operations[1].operation = static_cast<CUstreamBatchMemOpType>(99);
  SHOW("cuStreamBatchMemOp with operation 99", "cuStreamBatchMemOp_v2", kDefault, 2U, &operations[0], 0U);
  call("cuMemcpyDtoH_v2", static_cast<void*>(&narrow), device, sizeof narrow);
  print("value", narrow);
  release(device);
}

void batches() {
  const CUdeviceptr device = allocate(4096);
  std::vector<char> plain(4096);
  CUstream stream = nullptr;
  call("cuStreamCreate", &stream, 1U);
  CUdeviceptr to[] = {device, device + 1024};
  CUdeviceptr from[] = {number(plain.data()), number(plain.data()) + 1024};
  std::size_t sizes[] = {512, 512};
  std::size_t starts[] = {0, 1};
  CUmemcpyAttributes attributes[2] = {};
  attributes[0].srcAccessOrder = attributes[1].srcAccessOrder = 1;
  const auto batch = [&](const char* what, std::size_t count, std::size_t attribute_count, CUstream on) {
    SHOW(what, "cuMemcpyBatchAsync_v2", &to[0], &from[0], &sizes[0], count, &attributes[0], &starts[0], attribute_count,
         on);
  };
  batch("cuMemcpyBatchAsync", 2, 2, stream);
  batch("cuMemcpyBatchAsync of none", 0, 1, stream);
  batch("cuMemcpyBatchAsync without attributes", 2, 0, stream);
  batch("cuMemcpyBatchAsync on the default stream", 2, 1, kDefault);
  batch("cuMemcpyBatchAsync with more attributes than copies", 1, 2, stream);
  starts[0] = 1;
  batch("cuMemcpyBatchAsync with no attributes for the first", 2, 1, stream);
  starts[0] = 0;
  attributes[0].srcAccessOrder = 0;
  batch("cuMemcpyBatchAsync without an order", 2, 1, stream);
  attributes[0].srcAccessOrder = 1;
  sizes[1] = 0;
  batch("cuMemcpyBatchAsync of 0 bytes", 2, 1, stream);
  sizes[1] = 512;
  to[1] = 0;
  batch("cuMemcpyBatchAsync to null", 2, 1, stream);
  CUDA_MEMCPY3D_BATCH_OP box = {};
  box.src.type = box.dst.type = 1;
  box.src.op.ptr = {from[0], 64, 4, {}};
  box.dst.op.ptr = {to[0], 64, 4, {}};
  box.extent.width = 32;
  box.extent.height = 4;
  box.extent.depth = 2;
  box.srcAccessOrder = 1;
  SHOW("cuMemcpy3DBatchAsync", "cuMemcpy3DBatchAsync_v2", std::size_t{1}, &box, 0ULL, stream);
  SHOW("cuMemcpy3DBatchAsync with flags 1", "cuMemcpy3DBatchAsync_v2", std::size_t{1}, &box, 1ULL, stream);
  SHOW("cuMemcpy3DBatchAsync of none", "cuMemcpy3DBatchAsync_v2", std::size_t{0}, &box, 0ULL, stream);
  box.extent.width = 0;
  SHOW("cuMemcpy3DBatchAsync of width 0", "cuMemcpy3DBatchAsync_v2", std::size_t{1}, &box, 0ULL, stream);
  box.extent.width = 65;
  SHOW("cuMemcpy3DBatchAsync wider than the rows", "cuMemcpy3DBatchAsync_v2", std::size_t{1}, &box, 0ULL, stream);
  SHOW("cuStreamSynchronize", "cuStreamSynchronize", stream);
  call("cuStreamDestroy_v2", stream);
  release(device);
}

}  // namespace vgpu::questions
