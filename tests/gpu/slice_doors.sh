#!/usr/bin/env bash
# Every door leads to the shims of a slice, what only the driver has is found there, and what it lacks is missing.
source "$(dirname "$0")/../common.sh"
programs=$build/tests/programs
unset VGPU_DEVICE
export LINKS=$scratch VGPU_REAL_NVML=$build/tests/fake_driver/libnvidia-ml.so.1

try() { # try REAL_CUDA
  export VGPU_REAL_CUDA=$1
  rm -f "$scratch"/lib*
  "$vgpu_run" -- "$programs/try_doors" "$VGPU_REAL_CUDA" "$VGPU_REAL_NVML" "$programs/doors/libdoors_helper.so" >"$scratch/out" 2>&1 ||
    fail "status $?"$'\n'"$(cat "$scratch/out")"
}
try "$build/tests/fake_driver/libcuda.so.1"
FAKE_IS_OLD=1 try "$build/tests/fake_driver/old/libcuda.so.1"

# Linked: the call is made, and answers that there is no such thing.
[[ $(VGPU_LOG=info "$vgpu_run" -- "$programs/doors_linked" 2>"$scratch/err") == 'cuInit 0 cuGreenCtxCreate 801' ]] || fail "$(cat "$scratch/err")"
contains "$scratch/err" cuGreenCtxCreate
VGPU_REAL_CUDA=$build/tests/fake_driver/libcuda.so.1
[[ $("$vgpu_run" -- "$programs/doors_linked") =~ ^'cuInit 0 cuGreenCtxCreate 7' ]] || fail "the driver's own function was not called"

# The driver is told UUIDs, and a number of the program's own is a place among what it has.
a=GPU-aaaa1111-0000-0000-0000-000000000001 b=GPU-bbbb2222-0000-0000-0000-000000000002 c=GPU-cccc3333-0000-0000-0000-000000000003
seen() { # seen WANTED [CUDA_VISIBLE_DEVICES]: what the driver finds in the variable, and a child's driver after it
  local wanted=$1 told
  if (($# == 2)); then export CUDA_VISIBLE_DEVICES=$2; else unset CUDA_VISIBLE_DEVICES; fi
  told=$("$vgpu_run" --device "$a,$b,$c" -- python3 -B "$source_dir/tests/gpu/slice_visible.py")
  [[ $told == "$wanted $wanted" ]] || fail "CUDA_VISIBLE_DEVICES=${2-unset}: '$told', not '$wanted $wanted'"
}
seen "$a,$b,$c"
seen "$b" 1
seen "$c,$a" "GPU-cccc,GPU-AAAA"
seen "$a" "0,GPU-dddd,1"
seen "$a,$a" "1,1"
seen '' ''
seen '' -1
