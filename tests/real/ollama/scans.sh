#!/usr/bin/env bash
# Where Ollama looks for its GPU libraries, by its own rule, which the stand-in follows: a backend that it does not scan leaves it on
# the CPU, whatever LD_LIBRARY_PATH says. doctor names each, and the fix makes it find the GPU.
source "$(dirname "$0")/bundle.sh"
source "$source_dir/tests/ctl/doctor_common.sh"
here=$(cd "$(dirname "$0")/.." && pwd)
bundle 13
backend=$lib/cuda_v13
elsewhere=$scratch/elsewhere
mkdir "$elsewhere"

# found, lost ID-OF-WHERE...: what serve says under vgpu-run, and what doctor says of the same command.
serve() { "$vgpu_run" -- "$ollama" serve --once 2>"$scratch/log" || fail "status $?:"$'\n'"$(cat "$scratch/log")"; }
found() {
  serve
  finds 1 h100 "$scratch/log"
  healthy ollama-directory-not-scanned -- "$ollama" serve
}
lost() {
  serve
  finds_nothing "$scratch/log"
  diagnosed 1 error:ollama-directory-not-scanned -- "$ollama" serve
  shows "$@"
}

found

# Beside the directory that is scanned.
mv "$backend" "$elsewhere/"
export LD_LIBRARY_PATH=$elsewhere/cuda_v13
lost "$ollama:None: scans $lib" "$elsewhere/cuda_v13:None: has a CUDA backend"
ln -s "$elsewhere/cuda_v13" "$backend"
found
rm "$backend"
LD_LIBRARY_PATH=$elsewhere lost "$elsewhere/cuda_v13:None: has a CUDA backend"
unset LD_LIBRARY_PATH

# Too deep in it; any name directly in it will do.
mkdir "$lib/gpu"
mv "$elsewhere/cuda_v13" "$lib/gpu/"
lost "$lib/gpu/cuda_v13:None: has a CUDA backend"
mv "$lib/gpu/cuda_v13" "$lib/mine"
rmdir "$lib/gpu"
found

# In it, and not in a directory of its own, also beside another backend.
mv "$lib/mine/libggml-cuda.so" "$lib/"
found
mkdir "$lib/vulkan"
: >"$lib/vulkan/libggml-vulkan.so"
found
rm -r "$lib/vulkan"
mv "$lib/libggml-cuda.so" "$lib/mine/"

# Another one is asked for.
export OLLAMA_LLM_LIBRARY=cuda_v12
lost "$lib/mine:None: has a CUDA backend" "environment:None: OLLAMA_LLM_LIBRARY=cuda_v12"
OLLAMA_LLM_LIBRARY=mine found
unset OLLAMA_LLM_LIBRARY

# bin/ollama and bin/lib/ollama.
mv "$lib" "$elsewhere/ollama"
mkdir "$(dirname "$ollama")/lib"
mv "$elsewhere/ollama" "$(dirname "$ollama")/lib/"
found
