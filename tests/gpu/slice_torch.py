"""What tests/gpu/run does with PyTorch: slice_torch.py WHAT. The last line says what came of it."""
import ctypes
import os
import subprocess
import sys

import torch

GIB = 1 << 30


def used():
    free, total = torch.cuda.mem_get_info()
    return total - free


def piece(size):
    return torch.empty(size, dtype=torch.uint8, device="cuda")


def refused(size):
    try:
        piece(size)
    except torch.cuda.OutOfMemoryError:
        return True
    return False


def results():
    """cuBLAS and cuDNN: the same numbers, bit for bit, with and without the shims."""
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    a, b = (torch.randn(2048, 2048, device="cuda") for _ in range(2))
    image, kernel = torch.randn(8, 32, 64, 64, device="cuda"), torch.randn(64, 32, 3, 3, device="cuda")
    convolved = torch.nn.functional.conv2d(image, kernel, padding=1)
    return (a @ b).double().sum().item(), (a.half() @ b.half()).double().abs().sum().item(), convolved.double().sum().item()


def results_row():
    print("results", *results(), "cuDNN", torch.backends.cudnn.version())


def allocator():
    """One process: the limit is what the device has; the results; out of memory, and on from there."""
    free, total = torch.cuda.mem_get_info()
    device = torch.cuda.get_device_properties(0).total_memory
    if (total, device) != (8 * GIB, 8 * GIB):
        sys.exit(f"mem_get_info says {total}, the device's properties {device}")
    numbers = results()
    torch.cuda.empty_cache()
    kept = []
    try:
        while len(kept) <= 64:
            kept.append(piece(512 << 20))
    except torch.cuda.OutOfMemoryError:
        pass
    count = len(kept)
    if count not in (15, 16):
        sys.exit(f"refused after {count} pieces of 512 MiB")
    if used() > 8 * GIB:
        sys.exit(f"{used()} bytes in use")
    kept.clear()
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    again = piece(7 * GIB)
    again.fill_(1)
    torch.cuda.synchronize()
    print("results", *numbers, "cuDNN", torch.backends.cudnn.version())
    print(f"{count} × 512 MiB, OutOfMemoryError, then {again.numel() >> 20} MiB", file=sys.stderr)


def graph():
    static = torch.zeros(1024, device="cuda")
    captured = torch.cuda.CUDAGraph()
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        static + 1
    torch.cuda.synchronize()
    with torch.cuda.graph(captured):
        result = static + 1
        for _ in range(4):
            result = torch.cat([result, result])[:1024]
    for value in (41, 1):
        static.fill_(value)
        captured.replay()
        torch.cuda.synchronize()
        if result.sum().item() != (value + 1) * 1024:
            sys.exit("the graph is wrong")
    print("graph ok")


def share():
    """A child whose environment was emptied has the same quota, and what it takes is ours to miss."""
    mine = piece(6 * GIB)
    child = ("import torch\ntry:\n torch.empty(3 << 30, dtype=torch.uint8, device='cuda'); print('got it')\n"
             "except torch.cuda.OutOfMemoryError: print('refused 3 GiB', torch.cuda.mem_get_info()[0] >> 20)")
    told = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    print(mine.numel() >> 30, "GiB here; child", told.stdout.strip() or told.stderr[-60:])


def spawned(size, results_of, hold):
    results_of.put("refused" if refused(size) else "got it")
    if hold is not None:
        kept = piece(size)
        results_of.put("holds")
        hold.wait()
        del kept


def receiver(tensors, results_of):
    tensor = tensors.get()
    results_of.put((used(), tensor.sum().item()))
    del tensor


def spawn():
    import torch.multiprocessing as multiprocessing

    context = multiprocessing.get_context("spawn")
    told, hold = context.Queue(), context.Event()
    mine = piece(3 * GIB)
    first = context.Process(target=spawned, args=(3 * GIB, told, hold))
    first.start()
    line = [told.get(timeout=60), told.get(timeout=60)]
    second = context.Process(target=spawned, args=(3 * GIB, told, None))
    second.start()
    line.append(told.get(timeout=60))
    second.join()
    first.kill()  # and what it held is free for the next
    first.join()
    third = context.Process(target=spawned, args=(3 * GIB, told, None))
    third.start()
    line.append(told.get(timeout=60))
    third.join()
    print(", ".join(line), "after kill -9;", mine.numel() >> 30, "GiB here")


def ipc():
    """A tensor that another process gets through CUDA IPC is not counted twice."""
    import torch.multiprocessing as multiprocessing

    context = multiprocessing.get_context("spawn")
    tensors, told = context.Queue(), context.Queue()
    mine = torch.ones(GIB // 4, dtype=torch.float32, device="cuda")
    before = used()
    child = context.Process(target=receiver, args=(tensors, told))
    child.start()
    tensors.put(mine)
    there, total = told.get(timeout=60)
    child.join()
    extra = (there - before) >> 20
    print("shared once" if extra <= 64 and total == GIB // 4 else f"{extra} MiB more there, sum {total}")


class Numbers(torch.utils.data.Dataset):
    def __len__(self):
        return 256

    def __getitem__(self, index):
        return torch.full((1024,), float(index))


def loader():
    total = 0.0
    for batch in torch.utils.data.DataLoader(Numbers(), batch_size=16, num_workers=4, pin_memory=True):
        total += batch.cuda(non_blocking=True).double().sum().item()
    print("loader ok" if total == 1024 * 255 * 128 else f"sum {total}")


def agree():
    kept = piece(3 * GIB)
    free, total = torch.cuda.mem_get_info()
    nvml = ctypes.CDLL("libnvidia-ml.so.1")

    class Memory(ctypes.Structure):
        _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]

    class Process(ctypes.Structure):
        _fields_ = [("pid", ctypes.c_uint), ("used", ctypes.c_ulonglong), ("gpu", ctypes.c_uint), ("compute", ctypes.c_uint)]

    device, memory = ctypes.c_void_p(), Memory()
    assert nvml.nvmlInit_v2() == 0
    assert nvml.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(device)) == 0
    assert nvml.nvmlDeviceGetMemoryInfo(device, ctypes.byref(memory)) == 0
    query = ["nvidia-smi", "--query-gpu=memory.total,memory.used,memory.free", "--format=csv,noheader,nounits", "-i", "0"]
    smi = subprocess.run(query, capture_output=True, text=True).stdout.strip()
    count, processes = ctypes.c_uint(64), (Process * 64)()
    listed = nvml.nvmlDeviceGetComputeRunningProcesses_v3(device, ctypes.byref(count), processes)
    mine = [p for p in processes[: count.value] if p.pid == os.getpid()]
    wanted = f"{total >> 20}, {(total - free) >> 20}, {free >> 20}"
    same = (memory.total, memory.free, memory.used) == (total, free, total - free) and smi == wanted
    same = same and listed == 0 and count.value == 1 and len(mine) == 1 and mine[0].used == total - free
    print("agree:" if same else "differ:", total, free, "NVML", memory.total, memory.free, "smi", smi, "processes", listed, count.value,
          [p.used for p in mine])
    del kept


def limit():
    """The limit is lowered below what is in use, from outside, and raised again."""
    import time

    kept = piece(4 * GIB)

    def told_by(command):
        subprocess.run([os.environ["VGPUCTL"], "limit", os.environ["VGPU_SESSION"], command], check=True, stdout=subprocess.DEVNULL)
        time.sleep(1)
        return torch.cuda.mem_get_info()

    low = told_by("2GiB")
    denied = refused(GIB)
    high = told_by("6GiB")
    print("free", low[0], "of", low[1] >> 30, "refused" if denied else "got it", "then free", high[0] >> 30, "of", high[1] >> 30,
          "got it" if not refused(GIB) else "refused")
    del kept


def whole():
    free, total = torch.cuda.mem_get_info()
    print(total, torch.cuda.get_device_properties(0).total_memory)


def one():
    print(torch.cuda.device_count(), "device,", f"GPU-{torch.cuda.get_device_properties(0).uuid}")


def ranks():
    """Two children with a CUDA_VISIBLE_DEVICES each, at once: each has its device and that device's quota."""
    child = ("import torch\nkept = torch.empty(1 << 30, dtype=torch.uint8, device='cuda')\nfree, total = torch.cuda.mem_get_info()\n"
             "print(torch.cuda.device_count(), f'GPU-{torch.cuda.get_device_properties(0).uuid}', free >> 30, 'of', total >> 30)")
    started = [subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE, text=True, env={**os.environ, "CUDA_VISIBLE_DEVICES": rank})
               for rank in ("1", "0")]
    print("; ".join(one.communicate()[0].strip() for one in started))


def reserve():
    """What a context takes is told beside the quota, and not counted in it."""
    import json

    kept = piece(GIB)
    told = subprocess.run([os.environ["VGPUCTL"], "top", "--json"], check=True, capture_output=True, text=True).stdout
    mine = [p for s in json.loads(told)["sessions"] for p in s["processes"] if p["pid"] == os.getpid()]
    print("used", [used >> 20 for used in mine[0]["used_bytes"]], "context", mine[0]["context_bytes"][0] >> 20, "MiB")
    del kept


def step():
    """The time of a training step, in microseconds: the median of many."""
    import time

    torch.manual_seed(1)
    layer = torch.nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True)
    model = torch.nn.TransformerEncoder(layer, 4, enable_nested_tensor=False).cuda()
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    data = torch.randn(16, 256, 512, device="cuda")
    times = []
    for i in range(int(sys.argv[2])):
        torch.cuda.synchronize()
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        model(data).square().mean().backward()
        optimizer.step()
        torch.cuda.synchronize()
        if i >= 20:
            times.append(time.perf_counter() - start)
    times.sort()
    print(f"{times[len(times) // 2] * 1e6:.1f}")


if __name__ == "__main__":
    {"allocator": allocator, "results": results_row, "graph": graph, "share": share, "spawn": spawn, "ipc": ipc, "loader": loader,
     "agree": agree, "limit": limit, "whole": whole, "one": one, "ranks": ranks, "reserve": reserve, "step": step}[sys.argv[1]]()
