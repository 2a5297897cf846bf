#!/usr/bin/env bash
# usage: decoy.sh libggml-cuda.so OUTPUT
# Builds the CUDA runtime that libggml-cuda.so links to, with everything it asks of it, the right SONAME and version node,
# in which every function answers cudaErrorNoDevice. Bundled in front of everything else it finds no GPU, as a bundled
# runtime does on a machine without a driver; it says when it was asked.
set -euo pipefail
soname=$(readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(libcudart\.so\.[0-9]*\)\]/\1/p')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  echo '#include <unistd.h>'
  nm -D --undefined-only "$1" | sed -n "s/.* U \(.*\)@$soname\$/\1/p" | while read -r name; do
    case $name in
      cudaGetErrorString | cudaGetErrorName) echo "const char *$name(int e) { (void)e; return \"decoy\"; }" ;;
      cudaGetDeviceCount)
        echo "int $name(int *n) { static const char t[] = \"decoy $soname was asked\\n\"; *n = 0; (void)!write(2, t, sizeof t - 1); return 100; }" ;;
      *) echo "int $name(void) { return 100; }" ;;
    esac
  done
} >"$work/decoy.c"
printf '%s { *; };\n' "$soname" >"$work/decoy.map"
"${CC:-cc}" -shared -fPIC -O1 -o "$2" -Wl,-soname,"$soname" -Wl,--version-script="$work/decoy.map" "$work/decoy.c"
