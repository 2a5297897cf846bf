"""What the fake driver finds in CUDA_VISIBLE_DEVICES at cuInit, here and in a child that inherits what is left of it."""
import ctypes
import subprocess
import sys

cuda = ctypes.CDLL("libcuda.so.1")
assert cuda.cuInit(0) == 0
function, status = ctypes.c_void_p(), ctypes.c_int()
assert cuda.cuGetProcAddress_v2(b"fake_visible", ctypes.byref(function), 13000, ctypes.c_uint64(0), ctypes.byref(status)) == 0
mine = ctypes.CFUNCTYPE(ctypes.c_char_p)(function.value)().decode()
if len(sys.argv) == 1:
    print(mine, subprocess.run([sys.executable, "-B", __file__, "child"], stdout=subprocess.PIPE, text=True, check=True).stdout)
else:
    sys.stdout.write(mine)
