#!/usr/bin/env bash
# A program compiled by nvcc against the shared CUDA runtime runs on the emulated device. The same source with the static
# runtime is refused by that runtime, which does not accept our driver; preflight says so beforehand.
source "$(dirname "$0")/../common.sh"

nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null) || absent "no CUDA toolkit on this machine"
"$nvcc" -cudart shared -o "$scratch/shared" "$here/nvcc/program.cu"
"$nvcc" -cudart static -o "$scratch/static" "$here/nvcc/program.cu"

runs_on() {
  local id=$1 status=0
  shift
  "$@" -- "$scratch/shared" >"$scratch/out" 2>"$scratch/err" || status=$?
  cat "$scratch/out"
  ((status == 0)) || fail "$*: status $status:"$'\n'"$(cat "$scratch/out" "$scratch/err")"
  contains "$scratch/out" "1: $(device "$id" name), $(device "$id" memory_bytes) bytes"
}

! "$scratch/shared" >"$scratch/without" || fail "there is a device without vgpu-run: $(cat "$scratch/without")"
runs_on h100 "$vgpu_run"
runs_on t4 "$vgpu_run" --emulate t4
runs_on h100 bare "$vgpu_run"

# The launch that is not there says so once, also when there are many.
VGPU_LOG=info "$vgpu_run" -- "$scratch/shared" >"$scratch/out" 2>"$scratch/err" || fail "with VGPU_LOG=info: $(cat "$scratch/err")"
(($(grep -ci 'launch' "$scratch/err") == 1)) || fail "not one line about the launch in:"$'\n'"$(cat "$scratch/err")"

# Status 3 is the program's own: no crash, no device, cudart's own error.
status=0
"$vgpu_run" -- "$scratch/static" >"$scratch/out" 2>"$scratch/err" || status=$?
((status == 3)) || fail "static runtime: status $status:"$'\n'"$(cat "$scratch/out" "$scratch/err")"
contains "$scratch/out" "no device: "
contains "$scratch/err" "target-static-cudart"
"$vgpu_run" --dry-run --format=json -- "$scratch/static" >"$scratch/plan"
[[ $(json '[p["code"] for p in d["problems"]]' <"$scratch/plan") == *target-static-cudart* ]] || fail "problems: $(cat "$scratch/plan")"
"$vgpu_run" --dry-run --format=json -- "$scratch/shared" >"$scratch/plan"
[[ $(json '[p["code"] for p in d["problems"]]' <"$scratch/plan") != *static-cudart* ]] || fail "problems: $(cat "$scratch/plan")"
