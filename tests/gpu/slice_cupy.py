"""What tests/gpu/run does with CuPy: both kinds of pool, up to the limit and on from there."""
import sys

import cupy

GIB = 1 << 30
told = []
for name, allocator in (("pool", cupy.cuda.MemoryPool().malloc), ("async pool", cupy.cuda.MemoryAsyncPool().malloc)):
    cupy.cuda.set_allocator(allocator)
    kept = []
    try:
        while len(kept) <= 64:
            kept.append(cupy.zeros(512 << 20, dtype=cupy.uint8))
    except (cupy.cuda.memory.OutOfMemoryError, cupy.cuda.runtime.CUDARuntimeError):
        pass
    count = len(kept)
    kept.clear()
    cupy.cuda.get_current_stream().synchronize()
    allocator.__self__.free_all_blocks()
    total = cupy.arange(1 << 20, dtype=cupy.int64).sum().item()
    if total != (1 << 19) * ((1 << 20) - 1):
        sys.exit(f"sum {total}")
    told.append(f"{name} {count} × 512 MiB")
    allocator.__self__.free_all_blocks()
free, total = cupy.cuda.runtime.memGetInfo()
print(", ".join(told), "of", total >> 30, "GiB")
