"""usage: driver_stays_loaded.py DRIVER: a thread that has a default stream of its own ends after the driver was closed."""
import _ctypes
import ctypes
import sys
import threading

closed = threading.Event()
asked = threading.Event()


def use(driver):
    context = ctypes.c_void_p()
    number = ctypes.c_ulonglong()
    assert driver.cuInit(0) == 0
    assert driver.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
    assert driver.cuCtxSetCurrent(context) == 0
    assert driver.cuStreamGetId(ctypes.c_void_p(2), ctypes.byref(number)) == 0  # CU_STREAM_PER_THREAD
    asked.set()
    closed.wait()


library = ctypes.CDLL(sys.argv[1])
thread = threading.Thread(target=use, args=(library,))
thread.start()
assert asked.wait(30)
_ctypes.dlclose(library._handle)
closed.set()
thread.join()
