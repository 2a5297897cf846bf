#!/usr/bin/env bash
# vgpuctl verify of link maps in which the shims are not what the program gets: another order, others in front, behind or
# beside them, the same one twice, and one that is not there.
source "$(dirname "$0")/processes.sh"

foreign=$scratch/foreign
mkdir "$foreign"
echo 'int cuInit(unsigned flags) { return flags == 7; }' |
  $compiler -shared -fPIC -Wl,-soname,libcuda.so.1 -x c - -o "$foreign/libcuda.so.1"

# A second libcuda by an absolute path, with RTLD_DEEPBIND, and in a name space of its own.
for how in open deep; do
  shimmed 1 "$stay" $how "$foreign/libcuda.so.1"
  verified 1 "$pid"
  says stay bypassed "a second libcuda.so.1 is loaded, $foreign/libcuda.so.1"
  end_all
done
shimmed 1 "$stay" space "$foreign/libcuda.so.1"
verified 1 "$pid"
says stay bypassed "in a name space of its own (dlmopen)"
end_all

# The same shim under another path: by a link it is the same, by a copy it is a second one.
shimmed 1 "$stay" open "$shims/link/libcuda.so.1"
verified 0 "$pid"
end_all
cp "$shims/libvgpu-cuda.so" "$scratch/copy.so"
shimmed 1 "$stay" open "$scratch/copy.so"
verified 1 "$pid"
says stay double-load "libvgpu-cuda.so is loaded twice, the second time as $scratch/copy.so"
end_all
shimmed 1 "$stay" space "$shims/libvgpu-cuda.so"
verified 1 "$pid"
says stay double-load "is loaded twice"
end_all

# By hand: the order of the seed, and a foreign libcuda in front, or instead.
by_hand() { LD_PRELOAD=$(printf "%s:" "$@") begin 1 "$stay"; }
all=("$shims"/libvgpu-{exec,syscall,cuda,nvml,cudart12,cudart13}.so)
by_hand "${all[@]}"
verified 0 "$pid"
end_all
by_hand "${all[@]:0:2}" "$shims/link/libcuda.so.1" "${all[@]:3}"  # the same file by another name
verified 0 "$pid"
end_all
by_hand "${all[0]}" "${all[1]}" "${all[3]}" "${all[4]}" "${all[5]}" "${all[2]}"
verified 1 "$pid"
says stay order "the look-up order is libvgpu-exec.so libvgpu-syscall.so libvgpu-nvml.so libvgpu-cudart12.so libvgpu-cudart13.so libvgpu-cuda.so"
end_all
by_hand "$foreign/libcuda.so.1" "${all[@]}"
verified 1 "$pid"
says stay foreign-won "$foreign/libcuda.so.1 goes by libcuda.so.1 too and stands in front of libvgpu-cuda.so: it won"
end_all
by_hand "${all[0]}" "${all[1]}" "$foreign/libcuda.so.1" "${all[@]:3}"
verified 1 "$pid"
says stay foreign-won "it won, libvgpu-cuda.so is not loaded"
end_all
by_hand "${all[@]:0:5}"
verified 1 "$pid"
says stay missing "libvgpu-cudart13.so is missing"
end_all

# Loaded later: it is there, and too late to come first.
by_hand "${all[@]:0:5}"
end_all
LD_PRELOAD=$(printf "%s:" "${all[@]:0:5}") begin 1 "$stay" open "${all[5]}"
verified 1 "$pid"
says stay order "libvgpu-cudart13.so, which was loaded later and not preloaded"
end_all

# Another library in front: worth a word, no more.
echo 'int vgpu_test_nothing;' | $compiler -shared -fPIC -x c - -o "$foreign/libfront.so"
by_hand "$foreign/libfront.so" "${all[@]}"
verified 0 "$pid"
contains "$scratch/out" "$foreign/libfront.so stands in front of the shims"
end_all

# Its environment says yes, its link map says no: the file is not there.
cp "${all[@]}" "$scratch/"
LD_PRELOAD=$scratch/libvgpu-exec.so:$scratch/gone.so VGPU_PRELOAD=$scratch/libvgpu-exec.so:$scratch/gone.so begin 1 "$stay"
verified 1 "$pid"
says stay environment-only "its environment says yes, its link map says no: $scratch/gone.so is not there"
