#!/usr/bin/env bash
# usage: node_llama.sh cuda13 | cuda12
# node-llama-cpp with its prebuilt CUDA module finds the emulated device under vgpu-run, in node itself and in the child
# that it forks first to try the module (a module that finds no device there is rejected). Without vgpu-run it fails.
source "$(dirname "$0")/../common.sh"

node=$(fetched node) || exit
modules=$(fetched "$1") || exit

if "$node" "$here/node_llama/get_llama.mjs" "$modules" >"$scratch/without" 2>&1; then
  cat "$scratch/without"
  fail "node-llama-cpp found a GPU without vgpu-run"
fi
contains "$scratch/without" "NoBinaryFoundError"

# found DEVICE COUNT [OPTION...]: COUNT devices of that description, with its name and all of its memory.
found() {
  local id=$1 count=$2 name names='' i
  shift 2
  "$vgpu_run" "$@" -- "$node" "$here/node_llama/get_llama.mjs" "$modules" >"$scratch/out" 2>"$scratch/err" ||
    fail "getLlama under vgpu-run $*:"$'\n'"$(cat "$scratch/out" "$scratch/err")"
  cat "$scratch/out"
  name=$(device "$id" name)
  for ((i = 0; i < count; i++)); do names+=${names:+,}\"$name\"; done
  contains "$scratch/out" '"gpu":"cuda"'
  contains "$scratch/out" '"buildType":"prebuilt"'
  contains "$scratch/out" "\"names\":[$names]"
  contains "$scratch/out" "\"total\":$((count * $(device "$id" memory_bytes))),"
}

found h100 1
found a100 2 --emulate a100:2

# The module that answered is the one this test is about.
case $1 in
  cuda13) contains "$scratch/out" '/linux-x64-cuda/bins/linux-x64-cuda/libggml-cuda.so"' ;;
  cuda12) contains "$scratch/out" '/linux-x64-cuda-ext/bins/linux-x64-cuda/fallback/libggml-cuda.so"' ;;
esac
