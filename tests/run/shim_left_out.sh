#!/usr/bin/env bash
# --without means that nobody finds the shim: a program that brings a runtime of its own gets that one, preloaded or not.
source "$(dirname "$0")/../common.sh"
compiler=${CC:-cc}
command -v "$compiler" >/dev/null || skip "there is no C compiler"
mkdir "$scratch/own"
printf 'int cudaRuntimeGetVersion(int *version) { *version = 12345; return 0; }\n' >"$scratch/runtime.c"
printf 'libcudart.so.12 { global: cuda*; local: *; };\n' >"$scratch/runtime.map"
$compiler -shared -fPIC -Wl,-soname,libcudart.so.12 -Wl,--version-script="$scratch/runtime.map" -o "$scratch/own/libcudart.so.12" "$scratch/runtime.c"
cat >"$scratch/program.c" <<'C'
#include <dlfcn.h>
#include <stdio.h>
int cudaRuntimeGetVersion(int *version);
int main(int argc, char **argv) {
  int version = 0;
  cudaRuntimeGetVersion(&version);
  printf("%d %s\n", version, argc > 1 && dlopen(argv[1], RTLD_NOW) ? "driver" : "no driver");
  return 0;
}
C
$compiler -o "$scratch/program" "$scratch/program.c" "$scratch/own/libcudart.so.12" -Wl,--enable-new-dtags,-rpath,"$scratch/own"

ends 0 "$vgpu_run" -- "$scratch/program" libcuda.so.1
[[ $(cat "$scratch/out") != "12345 "* ]] || fail "the shim is not in front: $(cat "$scratch/out")"
ends 0 "$vgpu_run" --without cudart -- "$scratch/program" libcuda.so.1
[[ $(cat "$scratch/out") == "12345 driver" ]] || fail "--without cudart: $(cat "$scratch/out")"
# Its children, too, whose environment was emptied.
ends 0 "$vgpu_run" --without cudart -- env -i "$scratch/program" libcuda.so.1
[[ $(cat "$scratch/out") == "12345 driver" ]] || fail "--without cudart, a child: $(cat "$scratch/out")"
