# shellcheck shell=bash
# Sourced by the tests of this folder: lays out an Ollama installation under $scratch and says where it is.
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

parts=$build/tests/real/bin
[[ -x $parts/ollama ]] || skip "there is no go to build the Ollama stand-in with"

# suits VERSION: a device and another one of an architecture that the prebuilt module of that version was compiled for. Ollama
# drops a device that is in no library's list: the CUDA 12 module's ends with 8.6, the default device has 9.0.
suits() {
  case $1 in
    13) echo h100 l4 ;;
    12) echo a100 a10g ;;
  esac
}

# bundle VERSION...: $ollama with the GPU directories cuda_v13 and/or cuda_v12. Like Ollama's, each of them and
# llama-server's own directory has a CUDA runtime; ours find nothing. Nobody bundles a libcublas here: the bare case.
bundle() {
  local version modules cuda
  ollama=$scratch/ollama/bin/ollama
  lib=$scratch/ollama/lib/ollama
  mkdir -p "$lib" "$(dirname "$ollama")"
  cp "$parts/ollama" "$ollama"
  cp "$parts/llama-server" "$lib/llama-server"
  for version in "$@"; do
    modules=$(fetched "cuda$version") || exit
    modules=$modules/node_modules/@node-llama-cpp
    case $version in
      13) cuda=$modules/linux-x64-cuda/bins/linux-x64-cuda/libggml-cuda.so ;;
      12) cuda=$modules/linux-x64-cuda-ext/bins/linux-x64-cuda/fallback/libggml-cuda.so ;;
    esac
    mkdir "$lib/cuda_v$version"
    ln -s "$cuda" "$lib/cuda_v$version/libggml-cuda.so"
    "$here/ollama/decoy.sh" "$cuda" "$lib/cuda_v$version/libcudart.so.$version"
    cp "$lib/cuda_v$version/libcudart.so.$version" "$lib"
    ln -sf "$modules"/linux-x64-cuda/bins/linux-x64-cuda/libggml.cuda.*.so "$lib/libggml.so"
    ln -sf "$modules"/linux-x64-cuda/bins/linux-x64-cuda/libggml-base.so "$lib/libggml-base.so"
  done
  export OLLAMA_DEBUG=1
}

# finds COUNT DEVICE LOG: the log says that serve found that many of the device, by all three ways.
finds() {
  local count=$1 id=$2 log=$3 mib
  contains "$log" "initial_count=$count"
  mib=$(($(device "$id" memory_bytes) >> 20))
  contains "$log" "library=CUDA compute=$(device "$id" compute_capability) name=CUDA0 description=\"$(device "$id" name)\""
  contains "$log" "total=\"$(awk -v mib=$mib 'BEGIN { printf "%.1f GiB", mib / 1024 }')\""
  (($(grep -c 'msg="inference compute"' "$log") == count)) || fail "not $count lines of inference compute in:"$'\n'"$(cat "$log")"
  lacks "$log" "library=cpu"
  lacks "$log" "decoy"
}

finds_nothing() {
  contains "$1" "initial_count=0"
  contains "$1" "library=cpu"
}
