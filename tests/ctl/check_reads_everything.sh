#!/usr/bin/env bash
# vgpuctl check reads our own libraries too, although the build knows them: damage that neither size nor time shows is found.
source "$(dirname "$0")/common.sh"

mkdir -p "$scratch/tree/lib"
cp -a "$build/bin" "$build/share" "$scratch/tree"
cp -a "$build/lib/vgpu" "$scratch/tree/lib"
library=$scratch/tree/lib/vgpu/libvgpu-cuda.so
asked=(check --without exec,syscall -- true)
ends 0 "$scratch/tree/bin/vgpuctl" "${asked[@]}"

# The section of dynamic entries is named by the program headers, which follow the header.
touch -r "$library" "$scratch/time"
dd if=/dev/zero of="$library" bs=1 seek=64 count=512 conv=notrunc status=none
touch -r "$scratch/time" "$library"
ends 1 "$scratch/tree/bin/vgpuctl" "${asked[@]}"
contains "$scratch/out" "$library"
