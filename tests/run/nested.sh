#!/usr/bin/env bash
# vgpu-run vgpu-run X gives byte for byte the environment of vgpu-run X, at any depth, whatever was preloaded before.
source "$(dirname "$0")/../common.sh"

same() {
  "$@" "$vgpu_run" -- env -0 >"$scratch/once"
  "$@" "$vgpu_run" -- "$vgpu_run" -- env -0 >"$scratch/twice"
  "$@" "$vgpu_run" "$vgpu_run" "$vgpu_run" "$vgpu_run" "$vgpu_run" env -0 >"$scratch/deep"
  cmp "$scratch/once" "$scratch/twice" || fail "twice differs: $*"
  cmp "$scratch/once" "$scratch/deep" || fail "five times differs: $*"
}

libc=$(ldd /bin/true | sed -n 's/.*=> \(.*libc\.so\.6\).*/\1/p')
libm=$(dirname "$libc")/libm.so.6
same env
same env LD_PRELOAD="$libm" LD_LIBRARY_PATH=/a::/b:/a
same env LD_PRELOAD="libm.so.6 $build/lib/vgpu/libvgpu-nvml.so:$build/lib/vgpu/../vgpu/libvgpu-exec.so" LD_LIBRARY_PATH=
same env -i PATH="$PATH" ${VGPU_DEVICE+VGPU_DEVICE="$VGPU_DEVICE"}
same env VGPU_RUN_EMULATE=a100:4 VGPU_RUN_SET='X=1'
same env VGPU_RUN_SCOPE=inherit

# An inner option wins over the outer launch.
"$vgpu_run" --emulate a100 -- "$vgpu_run" --emulate l4 -- env >"$scratch/out"
contains "$scratch/out" "id=l4"
"$vgpu_run" -- "$vgpu_run" --profile none -- env >"$scratch/out"
lacks "$scratch/out" "libvgpu"
# The inner launch goes on with the outer one's device.
"$vgpu_run" --emulate a100:2 -- "$vgpu_run" --dry-run --format=json true >"$scratch/out"
[[ $(json 'd["device"]' <"$scratch/out") == a100:2 ]] || fail "the inner device: $(json 'd["device"]' <"$scratch/out")"
