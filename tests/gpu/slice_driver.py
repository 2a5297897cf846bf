"""What tests/gpu/run does with the driver's API alone."""
import ctypes
import os
import sys

cuda = ctypes.CDLL("libcuda.so.1")
u64, size = ctypes.c_uint64, ctypes.c_size_t
context, device = ctypes.c_void_p(), ctypes.c_int()


def call(name, *arguments):
    result = getattr(cuda, name)(*arguments)
    if result:
        sys.exit(f"{name}: {result}")


def booked():
    free, total = size(), size()
    call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
    return total.value - free.value


call("cuInit", 0)
call("cuDeviceGet", ctypes.byref(device), 0)
call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
call("cuCtxSetCurrent", context)


class Descriptor(ctypes.Structure):
    _fields_ = [("width", size), ("height", size), ("depth", size), ("format", ctypes.c_int), ("channels", ctypes.c_uint), ("flags", ctypes.c_uint)]


assert booked() == 0, booked()
told = []
for width, height, depth, channels in ((1000, 1000, 0, 4), (333, 77, 5, 1), (4096, 4096, 16, 4)):
    array = ctypes.c_void_p()
    call("cuArray3DCreate_v2", ctypes.byref(array), ctypes.byref(Descriptor(width, height, depth, 0x20, channels, 0)))
    told.append(booked())
    assert told[-1] >= width * height * max(depth, 1) * channels * 4, told
    call("cuArrayDestroy", array)
    assert booked() == 0
array = ctypes.c_void_p()
call("cuMipmappedArrayCreate", ctypes.byref(array), ctypes.byref(Descriptor(1024, 1024, 0, 0x20, 4, 0)), 11)
told.append(booked())
assert told[-1] > 1024 * 1024 * 16 * 4 // 3, told
call("cuMipmappedArrayDestroy", array)
at, pitch = u64(), size()
call("cuMemAllocPitch_v2", ctypes.byref(at), ctypes.byref(pitch), size(1000), size(1000), 4)
assert booked() == pitch.value * 1000, (booked(), pitch.value)
call("cuMemFree_v2", at)
assert booked() == 0


class Properties(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int), ("handles", ctypes.c_int), ("location", ctypes.c_int), ("device", ctypes.c_int), ("rest", ctypes.c_char * 72)]


class Node(ctypes.Structure):
    _fields_ = [("pool", Properties), ("access", ctypes.c_void_p), ("accesses", size), ("bytes", size), ("at", u64)]


# A pool costs what the driver says that it keeps.
MIB = 1 << 20
pool, kept, threshold = ctypes.c_void_p(), u64(), u64(2**64 - 1)
call("cuMemPoolCreate", ctypes.byref(pool), ctypes.byref(Properties(1, 0, 1, 0)))
call("cuMemPoolSetAttribute", pool, 4, ctypes.byref(threshold))
pools, held = [], []
for amount in (1, 1, 40, 100, 3000):
    at = u64()
    call("cuMemAllocFromPoolAsync", ctypes.byref(at), size(amount * MIB), pool, None)
    held.append(at)
    call("cuMemPoolGetAttribute", pool, 5, ctypes.byref(kept))
    assert booked() == kept.value, (booked(), kept.value)
    pools.append(kept.value // MIB)
at = u64()
assert cuda.cuMemAllocFromPoolAsync(ctypes.byref(at), size(6000 * MIB), pool, None) == 2
for at in held:
    call("cuMemFreeAsync", at, None)
call("cuCtxSynchronize")
assert booked() == kept.value
call("cuMemPoolTrimTo", pool, size(0))
assert booked() == 0, booked()
call("cuMemPoolDestroy", pool)

# A graph that allocates: from its first launch until it is trimmed.
graph, node, executable = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
call("cuGraphCreate", ctypes.byref(graph), 0)
call("cuGraphAddMemAllocNode", ctypes.byref(node), graph, None, size(0), ctypes.byref(Node(Properties(1, 0, 1, 0), None, 0, 300 * MIB, 0)))
call("cuGraphInstantiateWithFlags", ctypes.byref(executable), graph, u64(1))  # AUTO_FREE_ON_LAUNCH
graphs = [booked() // MIB]
for _ in range(3):
    call("cuGraphLaunch", executable, None)
    call("cuCtxSynchronize")
    graphs.append(booked() // MIB)
assert graphs[-1] >= 300 and graphs[-1] == graphs[1], graphs
call("cuGraphExecDestroy", executable)
call("cuGraphDestroy", graph)
call("cuDeviceGraphMemTrim", device)
graphs.append(booked() // MIB)

# The driver by its own path is ours, too.
if "VGPU_REAL_CUDA" in os.environ:
    assert ctypes.CDLL(os.environ["VGPU_REAL_CUDA"])._handle == cuda._handle

# By look-up: ours, and only ours, is another function than the driver's.
function, status = ctypes.c_void_p(), ctypes.c_int()
libraries = [line.split()[-1] for line in open("/proc/self/maps") if "libvgpu-cuda-slice" in line]
ranges = [[int(x, 16) for x in line.split()[0].split("-")] for line in open("/proc/self/maps") if "libvgpu-cuda-slice" in line]
ours = lambda address: any(low <= address < high for low, high in ranges)
for flags in (0, 1, 2):
    for name, version, wanted in (("cuMemAlloc", 12000, True), ("cuMemAlloc", 13000, True), ("cuMemGetInfo", 3020, True), ("cuGetProcAddress", 12000, True),
                                  ("cuGetProcAddress", 11030, True), ("cuMemFreeAsync", 11020, True), ("cuLaunchKernel", 12000, False), ("cuCtxGetCurrent", 12000, False)):
        call("cuGetProcAddress_v2", name.encode(), ctypes.byref(function), version, u64(flags), ctypes.byref(status))
        assert ours(function.value) == (wanted and bool(libraries)), (name, version, flags)
print("ok; arrays", *[f"{x / 2**20:.2f}" for x in told], "MiB; a pool with 1 1 40 100 3000 MiB keeps", *pools, "MiB; a graph with 300 MiB:", *graphs, "MiB")
