#!/usr/bin/env bash
# usage: bare.sh VERSION
# No toolkit anywhere, as on a machine that only ever saw a bare llama.cpp build: libggml-cuda.so needs a libcublas to
# load at all, and ours is the only one.
source "$(dirname "$0")/bundle.sh"
bundle "$1"
read -r one _ < <(suits "$1")

bare "$vgpu_run" --emulate "$one" -- "$ollama" serve --once 2>"$scratch/log" || fail "status $?:"$'\n'"$(cat "$scratch/log")"
finds 1 "$one" "$scratch/log"

# It is the fallback that does it.
bare "$vgpu_run" --emulate "$one" -- /usr/bin/env LD_DEBUG=libs "GGML_BACKEND_PATH=$lib/cuda_v$1/libggml-cuda.so" \
  "LD_LIBRARY_PATH=$lib:$lib/cuda_v$1" "$lib/llama-server" --list-devices >"$scratch/list" 2>"$scratch/libs"
contains "$scratch/list" "CUDA0: $(device "$one" name)"
grep -q "calling init: $build/lib/vgpu/.*libcublas" "$scratch/libs" || fail "the libcublas that loaded is not our fallback:"$'\n'"$(grep libcublas "$scratch/libs")"
