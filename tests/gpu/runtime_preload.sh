#!/bin/sh
# usage: runtime_preload.sh CASE SHIM_DIRECTORY [PROGRAM]
# The runtime shims in LD_PRELOAD of programs that know nothing of them.
case_name=$1 shims=$2 program=$3
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
fail() { echo "FAILED: $*"; cat "$scratch/err"; exit 1; }

cuda=$shims/libvgpu-cuda.so runtime12=$shims/libvgpu-cudart12.so runtime13=$shims/libvgpu-cudart13.so
with() { # PRELOAD VARIABLE=VALUE... COMMAND
  preload=$1; shift
  env LD_PRELOAD="$preload" "$@" >"$scratch/out" 2>"$scratch/err" || fail "exit status $?"
}

case $case_name in
  silent)
    with "$cuda:$runtime12:$runtime13" /bin/true
    [ ! -s "$scratch/err" ] || fail "a program that uses no CUDA got a message"
    with "$cuda:$runtime12:$runtime13" VGPU_LOG=debug /bin/true
    [ ! -s "$scratch/err" ] || fail "something was done before it was asked for"
    ;;
  eager)
    # Whatever the order: all libraries are mapped before the first constructor runs.
    for preload in "$cuda:$runtime13" "$runtime13:$cuda" "$runtime12:$cuda:$runtime13"; do
      with "$preload" VGPU_INIT=eager VGPU_LOG=info /bin/true
      grep -qx 'libvgpu-cudart: constructor: cuInit found, device count 1' "$scratch/err" || fail "no greeting: $preload"
      for step in 'cuInit is in' 'cuInit answered 0' 'cuDeviceGetCount answered 0, count 1' \
                  'cudaGetDeviceCount answered 0, count 1'; do
        grep -q "^libvgpu-cudart: constructor: $step" "$scratch/err" || fail "no '$step': $preload"
      done
    done
    with "$cuda:$runtime13" VGPU_INIT=eager /bin/true
    [ ! -s "$scratch/err" ] || fail "eager writes without VGPU_LOG=info"
    ;;
  eager_without_driver)
    [ -e /dev/nvidiactl ] && { echo "SKIPPED: this machine has a driver of its own"; exit 77; }
    with "$runtime13" VGPU_INIT=eager VGPU_LOG=info /bin/true
    grep -qx 'libvgpu-cudart: constructor: cuInit not found' "$scratch/err" || fail "it does not say so"
    ;;
  both)
    with "$cuda:$runtime12:$runtime13" "$program"
    with "$runtime13:$runtime12:$cuda" "$program"
    ;;
  *) echo "no case $case_name"; exit 2 ;;
esac
