#!/usr/bin/env bash
# usage: ollama.sh VERSION...   (13, 12: the GPU directories it bundles)
# `vgpu-run ollama serve` finds the GPU in every child that looks for it: the real libggml-cuda.so loads and answers
# although no libcublas is there and a runtime that finds nothing is bundled first. Without vgpu-run there is only a CPU.
source "$(dirname "$0")/bundle.sh"
bundle "$@"
read -r one two < <(suits "$1")

"$ollama" serve --once 2>"$scratch/without"
finds_nothing "$scratch/without"

"$vgpu_run" --emulate "$one" -- "$ollama" serve --once 2>"$scratch/with" || fail "status $?:"$'\n'"$(cat "$scratch/with")"
grep 'inference compute\|initial_count' "$scratch/with"
finds 1 "$one" "$scratch/with"
contains "$scratch/with" "libdirs=ollama,cuda_v$1"

"$vgpu_run" --emulate "$two:2" -- "$ollama" serve --once 2>"$scratch/two" || fail "status $?:"$'\n'"$(cat "$scratch/two")"
finds 2 "$two" "$scratch/two"
contains "$scratch/two" "name=CUDA1"

# The decoy is no straw man: with our libraries found by LD_LIBRARY_PATH alone, it wins.
LD_LIBRARY_PATH=$("$vgpu_run" --dry-run --format=json -- "$ollama" serve | json '":".join(d["library_path"])') \
  "$ollama" serve --once 2>"$scratch/path"
finds_nothing "$scratch/path"
contains "$scratch/path" "decoy libcudart.so.$1 was asked"
