#!/usr/bin/env bash
# A slice of the fake driver's GPU: the order, the environment, the quota for a tree of processes, and what cannot be.
source "$(dirname "$0")/../common.sh"
command -v python3 >/dev/null || skip "no python3"
unset VGPU_DEVICE
driver=$build/tests/fake_driver
[[ -e $driver/libcuda.so.1 ]] || fail "no fake driver"
export VGPU_REAL_CUDA=$driver/libcuda.so.1 VGPU_REAL_NVML=$driver/libnvidia-ml.so.1

"$vgpu_run" --dry-run --format=json true >"$scratch/plan"
[[ $(json 'd["mode"], [s["name"] for s in d["shims"]], d["device"], d["real_cuda"]' <"$scratch/plan") == \
  "('slice', ['exec', 'syscall', 'cuda-slice', 'nvml-slice'], None, '$VGPU_REAL_CUDA')" ]] || fail "$(cat "$scratch/plan")"
"$vgpu_run" --explain true >"$scratch/out"
contains "$scratch/out" "a slice of the GPU behind"
contains "$scratch/out" "(VGPU_REAL_CUDA)"
(($(wc -l <"$scratch/out") <= 24)) || fail "the explanation does not fit a screen"

# By SONAME, by the development name, and what the program is told.
cat >"$scratch/ask.py" <<'PY'
import ctypes, sys
for name in ("libcuda.so.1", "libcuda.so"):
    cuda = ctypes.CDLL(name)
    assert cuda.cuInit(0) == 0
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    assert cuda.cuMemGetInfo_v2(ctypes.byref(free), ctypes.byref(total)) == 0
print(free.value, total.value)
size, at = int(sys.argv[1]), ctypes.c_uint64()
print(cuda.cuMemAlloc_v2(ctypes.byref(at), ctypes.c_size_t(size)))
sys.stdout.flush()
if len(sys.argv) > 2:
    import subprocess
    sys.exit(subprocess.run(sys.argv[2:], env={}).returncode)
PY
python=$(command -v python3)
one=$((1 << 30))
ends 0 "$vgpu_run" --memory 3GiB "$python" "$scratch/ask.py" $((2 * one)) "$python" "$scratch/ask.py" $((2 * one))
# The child, started with an empty environment, shares what is left: 1 GiB, and 2 are too many.
[[ $(cat "$scratch/out") == "$((3 * one)) $((3 * one))"$'\n0\n'"$one $((3 * one))"$'\n2' ]] || fail "$(cat "$scratch/out" "$scratch/err")"
ends 0 "$vgpu_run" "$python" "$scratch/ask.py" $((2 * one))
[[ $(cat "$scratch/out") == "$((16 * one)) $((16 * one))"$'\n0' ]] || fail "without a limit: $(cat "$scratch/out")"

# What a context takes is asked of the real NVML, past the one that everybody else gets.
cat >"$scratch/context.py" <<'PY'
import ctypes, json, subprocess, sys
cuda, at = ctypes.CDLL("libcuda.so.1"), ctypes.c_uint64()
assert cuda.cuInit(0) == 0 and cuda.cuMemAlloc_v2(ctypes.byref(at), ctypes.c_size_t(1 << 20)) == 0
told = json.loads(subprocess.run([sys.argv[1], "top", "--json"], stdout=subprocess.PIPE, check=True).stdout)
print([p["context_bytes"] for s in told["sessions"] for p in s["processes"] if p["command"].startswith("python")])
PY
FAKE_PROCESS_USED=$((501 << 20)) ends 0 "$vgpu_run" --memory 3GiB "$python" "$scratch/context.py" "$build/bin/vgpuctl"
[[ $(cat "$scratch/out") == "[[$((500 << 20))"* ]] || fail "what a context takes: $(cat "$scratch/out" "$scratch/err")"

# Idempotent, and inside a launch that emulates, too.
"$vgpu_run" env | sort >"$scratch/once"
"$vgpu_run" "$vgpu_run" env | sort >"$scratch/twice"
cmp "$scratch/once" "$scratch/twice" || fail "twice is not once"
ends 125 "$vgpu_run" --passthrough --emulate h100 true
contains "$scratch/err" "--emulate asks for the opposite"
"$vgpu_run" --emulate h100 env >"$scratch/out"
lacks "$scratch/out" VGPU_REAL

VGPU_REAL_CUDA=$build/lib/vgpu/libvgpu-cuda.so ends 125 "$vgpu_run" true
contains "$scratch/err" "is one of our own shims"
unset VGPU_REAL_CUDA VGPU_REAL_NVML
if [[ ! -e /dev/nvidiactl ]]; then
  ends 125 "$vgpu_run" --passthrough true
  contains "$scratch/err" "there is no NVIDIA driver here"
  [[ $("$vgpu_run" --dry-run --format=json true | json 'd["mode"], d["mode_reason"]') == "('emulated', 'no NVIDIA driver here')" ]] || fail mode
fi
