"""What tests/gpu/run does with PyTorch: slice_torch.py WHAT."""
import os
import subprocess
import sys

import torch

GIB = 1 << 30
what = sys.argv[1]


def matmul():
    torch.manual_seed(1)
    a = torch.randn(2048, 2048, device="cuda", dtype=torch.float32)
    b = torch.randn(2048, 2048, device="cuda", dtype=torch.float32)
    return (a @ b).double().sum().item(), (a.half() @ b.half()).double().abs().sum().item()


if what == "total":
    free, total = torch.cuda.mem_get_info()
    print(total, torch.cuda.get_device_properties(0).total_memory)
elif what == "full":
    kept = []
    try:
        while True:
            kept.append(torch.empty(512 << 20, dtype=torch.uint8, device="cuda"))
            if len(kept) > 64:
                sys.exit("no limit")
    except torch.cuda.OutOfMemoryError:
        pass
    if len(kept) not in (15, 16):
        sys.exit(f"refused after {len(kept)} pieces of 512 MiB")
    kept.clear()
    torch.cuda.empty_cache()
    torch.cuda.synchronize()
    again = torch.empty(7 * GIB, dtype=torch.uint8, device="cuda")
    again.fill_(1)
    torch.cuda.synchronize()
    print("OutOfMemoryError, then", again.numel() >> 20, "MiB")
elif what == "matmul":
    print(*matmul())
elif what == "graph":
    static = torch.zeros(1024, device="cuda")
    graph = torch.cuda.CUDAGraph()
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        static + 1
    torch.cuda.synchronize()
    with torch.cuda.graph(graph):
        result = static + 1
    static.fill_(41)
    graph.replay()
    torch.cuda.synchronize()
    print("graph ok" if result.sum().item() == 42 * 1024 else "graph wrong")
elif what == "share":
    mine = torch.empty(6 * GIB, dtype=torch.uint8, device="cuda")
    child = "import torch\ntry:\n torch.empty(3 << 30, dtype=torch.uint8, device='cuda'); print('child got it')\nexcept torch.cuda.OutOfMemoryError: print('child refused 3 GiB')"
    told = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}).stdout.strip()
    print("6 GiB,", told)
elif what == "agree":
    import ctypes

    kept = torch.empty(3 * GIB, dtype=torch.uint8, device="cuda")
    free, total = torch.cuda.mem_get_info()
    nvml = ctypes.CDLL("libnvidia-ml.so.1")

    class Memory(ctypes.Structure):
        _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]

    device, memory = ctypes.c_void_p(), Memory()
    assert nvml.nvmlInit_v2() == 0
    assert nvml.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(device)) == 0
    assert nvml.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) == 0
    smi = subprocess.run(["nvidia-smi", "--query-gpu=memory.total,memory.used", "--format=csv,noheader,nounits", "-i", "0"], capture_output=True, text=True).stdout.strip()
    same = (memory.total, memory.free, memory.used) == (total, free, total - free) and smi == f"{total >> 20}, {(total - free) >> 20}"
    print("agree:" if same else "differ:", total, free, memory.total, memory.free, smi)
elif what == "whole":
    free, total = torch.cuda.mem_get_info()
    print("same" if sys.argv[2] == f"{total} {torch.cuda.get_device_properties(0).total_memory}" else f"{total} is not {sys.argv[2]}")
