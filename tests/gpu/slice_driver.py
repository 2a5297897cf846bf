"""What tests/gpu/run does with the driver API alone: slice_driver.py [cost]."""
import ctypes
import sys
import time

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


def cost(name, body, count):
    best = 1e9
    for _ in range(15):
        start = time.perf_counter_ns()
        for _ in range(count):
            body()
        best = min(best, (time.perf_counter_ns() - start) / count)
    print(name, round(best))


if sys.argv[1:] == ["cost"]:
    current = ctypes.byref(ctypes.c_void_p())
    get_current = cuda.cuCtxGetCurrent
    cost("cuCtxGetCurrent", lambda: get_current(current), 20000)
    free, total = ctypes.byref(size()), ctypes.byref(size())
    cost("cuMemGetInfo", lambda: cuda.cuMemGetInfo_v2(free, total), 500)
    at = u64()

    def pair():
        cuda.cuMemAlloc_v2(ctypes.byref(at), size(1 << 21))
        cuda.cuMemFree_v2(at)

    cost("cuMemAlloc+cuMemFree", pair, 100)
    sys.exit()


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
print("ok; arrays", *[f"{x / 2**20:.2f}" for x in told], "MiB")
