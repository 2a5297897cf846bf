#!/bin/sh
# A program linked against the stand-ins for cuBLAS loads with every symbol bound at once and gets its refusals; each
# refused function is in the log once, however often it was called.   fallback.sh DIRECTORY PROGRAM
set -eu
directory=$1 program=$2
log=$(LD_LIBRARY_PATH=$directory LD_BIND_NOW=1 VGPU_LOG=info "$program" 2>&1) || { echo "$log"; exit 1; }
for function in cublasCreate_v2 cublasLtCreate cublasSgemm_v2; do
  if [ "$(echo "$log" | grep -c ": $function: not supported")" != 1 ]; then
    echo "not once in the log: $function"
    echo "$log"
    exit 1
  fi
done
quiet=$(LD_LIBRARY_PATH=$directory "$program" 2>&1)
[ -z "$quiet" ] || { echo "not quiet by default: $quiet"; exit 1; }
