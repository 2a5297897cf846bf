#!/usr/bin/env bash
# NVIDIA's own CUDA runtime over a driver that is too old for it: every call answers cudaErrorInsufficientDriver (35), and doctor
# says so beforehand. The driver is ours, of an emulated device, and the one of a slice; the runtime asks them for their version.
source "$(dirname "$0")/../../ctl/doctor_common.sh"
runtime=$(fetched cudart12) || exit

cat >"$scratch/asks.c" <<'C'
#include <stdio.h>
int cudaDriverGetVersion(int*);
int cudaRuntimeGetVersion(int*);
int cudaGetDeviceCount(int*);
int main(void) {
  int driver = -1, runtime = -1, count = -1;
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  const int error = cudaGetDeviceCount(&count);
  printf("driver %d, runtime %d, error %d\n", driver, runtime, error);
  return error != 0;
}
C
$compiler -o "$scratch/asks" "$scratch/asks.c" "$runtime/libcudart.so.12" -Wl,-rpath,"$runtime"
program=$scratch/asks
[[ $(readelf -d "$program") == *NEEDED*libcudart.so.12* ]] || fail "it does not need the runtime"

# device VERSION CUDA: $scratch/device.json, an A100 with that driver.
described() {
  python3 - "$source_dir/config/devices/a100.json" "$scratch/device.json" "$1" "$2" <<'PY'
import json, sys
device = json.load(open(sys.argv[1]))
device["driver"] = {"version": sys.argv[3], "cuda": int(sys.argv[4])}
json.dump(device, open(sys.argv[2], "w"))
PY
}
# asked ERROR OPTION...: what the real runtime answers, under vgpu-run.
asked() {
  ends 1 "$vgpu_run" "${@:2}" -- "$program"
  contains "$scratch/out" "runtime 12040, error $1"
}

# Emulated, 11.8's driver; the driver shim alone, for our own runtime gets along with any driver.
shim "$build/lib/vgpu/libvgpu-cuda.so" ', "sonames": ["libcuda.so.1"]'
described 520.61.05 11080
emulated=(--emulate "$scratch/device.json" --manifest "$scratch/shim.json")
asked 35 "${emulated[@]}"
diagnosed 0 warning:driver-too-old "${emulated[@]}" -- "$program"
shows "$program:None: DT_NEEDED libcudart.so.12" "driver version 520.61.05"
ends 0 "$vgpu_run" --emulate "$scratch/device.json" -- "$program"
contains "$scratch/out" "error 0"
healthy driver-too-old --emulate "$scratch/device.json" -- "$program"
# One of 12.4 is not too old. It is not NVIDIA's either, which the runtime finds out: 801, cudaErrorNotSupported.
described 550.54.15 12040
asked 801 "${emulated[@]}"
contains "$scratch/out" "driver 12040,"
healthy driver-too-old "${emulated[@]}" -- "$program"

# A slice: the driver's own library says which it is, by its name.
unset VGPU_DEVICE
install() { # VERSION: a driver of that name
  rm -rf "$scratch/driver"
  mkdir "$scratch/driver"
  cp "$build/tests/fake_driver/libcuda.so.1" "$scratch/driver/libcuda.so.$1"
  ln -s "libcuda.so.$1" "$scratch/driver/libcuda.so.1"
}
export VGPU_REAL_CUDA=$scratch/driver/libcuda.so.1 VGPU_REAL_NVML=$build/tests/fake_driver/libnvidia-ml.so.1
install 520.61.05
FAKE_VERSION=11080 asked 35
diagnosed 1 error:driver-too-old -- "$program"
shows "DT_NEEDED libcudart.so.12" "$scratch/driver/libcuda.so.1:None: libcuda.so.520.61.05"
install 550.54.15
status=0
"$vgpu_run" -- "$program" >"$scratch/out" 2>&1 || status=$?
((status != 35)) || fail "a driver that is new enough is too old: $(cat "$scratch/out")"
healthy driver-too-old -- "$program"
