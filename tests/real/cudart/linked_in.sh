#!/usr/bin/env bash
# A library of NVIDIA's own with a CUDA runtime linked in. Its runtime sees our driver and refuses it, while the shared one that the
# same program uses is ours and works; doctor names the library. The other half, a program that nvcc made so, is ../nvcc.
source "$(dirname "$0")/../../ctl/doctor_common.sh"
libraries=$(fetched cudart12) || exit
library=$libraries/libnppc.so.12

cat >"$scratch/asks.c" <<'C'
#include <stdio.h>
#include <string.h>
const char* nppGetGpuName(void);
int nppGetGpuNumSMs(void);
int cudaGetDeviceCount(int*);
int main(void) {
  int count = -1;
  const int error = cudaGetDeviceCount(&count);
  const char* name = nppGetGpuName();
  printf("shared: error %d, %d devices; linked in: name \"%s\", %d SMs\n", error, count, name != NULL ? name : "", nppGetGpuNumSMs());
  return 0;
}
C
$compiler -o "$scratch/asks" "$scratch/asks.c" "$libraries"/lib{nppc,cudart}.so.12 -Wl,-rpath,"$libraries"

ends 0 "$vgpu_run" -- "$scratch/asks"
contains "$scratch/out" "shared: error 0, 1 devices; linked in: "
contains "$scratch/out" ", -1 SMs"
contains "$scratch/err" "a statically linked CUDA runtime, also the one inside cuBLAS, cannot use this device"
diagnosed 0 warning:target-static-cudart -- "$scratch/asks"
shows "$library:None: section .nv_fatbin" "$scratch/asks:None: needs libnppc.so.12"
