#!/usr/bin/env bash
# vgpuctl doctor about libraries that the dynamic linker does not load, or loads beside a shim.
source "$(dirname "$0")/doctor_common.sh"
here=$(cd "$(dirname "$0")" && pwd)
shims=$build/lib/vgpu
dir=$scratch/dir
mkdir "$dir"
program -o "$scratch/plain"
ends 0 "$vgpuctl" doctor -- "$scratch/plain"
grep -q "^holds: .* $scratch/plain$" "$scratch/out" || fail "$(cat "$scratch/out")"  # others may have left sessions behind

# An executable stack. The kernel's own MemoryDenyWriteExecute (Linux 6.3) does to ld.so what systemd's filter does.
cat >"$scratch/sealed.c" <<'C'
#include <sys/prctl.h>
#include <unistd.h>
int main(int count, char** words) {
  (void)count;
  if (prctl(65, 1, 0, 0, 0) != 0) return 99;
  execv(words[1], words + 1);
  return 98;
}
C
$compiler -o "$scratch/sealed" "$scratch/sealed.c"
echo 'int value;' | library -Wl,-z,execstack -o "$dir/libstack.so" 2>/dev/null
shim "$dir/libstack.so"
diagnosed 0 warning:shim-executable-stack --manifest "$scratch/shim.json" -- "$scratch/plain"
shows "$dir/libstack.so:None: PT_GNU_STACK RWE"
status=0
LD_PRELOAD=$dir/libstack.so "$scratch/sealed" "$scratch/plain" 2>"$scratch/real" || status=$?
if ((status != 99)); then
  contains "$scratch/real" "cannot enable executable stack"
  sealed() { "$scratch/sealed" "$vgpuctl" "$@"; }
  ends 1 sealed doctor --manifest "$scratch/shim.json" -- "$scratch/plain"
  contains "$scratch/out" "error: shim-executable-stack: $dir/libstack.so: "
  contains "$scratch/out" "the kernel refuses it"
fi
echo 'int value;' | library -o "$dir/libstack.so"
healthy shim-executable-stack --manifest "$scratch/shim.json" -- "$scratch/plain"

# A symbol that nobody has: at once with BIND_NOW, at once where it is data, else at the first call.
undefined() { # STATUS-OF-REAL WHAT OPTIONS...
  local real=$1 expected=$2 status=0
  shift 2
  library "$@" -o "$dir/libwants.so" <"$scratch/wants.c"
  LD_PRELOAD=$dir/libwants.so "$scratch/plain" 2>"$scratch/real" || status=$?
  ((status == real)) || fail "ld.so: status $status instead of $real: $(cat "$scratch/real")"
  ((real == 0)) || contains "$scratch/real" "undefined symbol: vgpu_test_nowhere"
  shim "$dir/libwants.so"
  diagnosed "$expected" symbol-undefined --manifest "$scratch/shim.json" -- "$scratch/plain"
  shows "undefined symbol vgpu_test_nowhere"
}
echo 'void vgpu_test_nowhere(void); void call(void) { vgpu_test_nowhere(); }' >"$scratch/wants.c"
undefined 127 1 -Wl,-z,now
undefined 0 0 -Wl,-z,lazy
LD_BIND_NOW=1 diagnosed 1 error:symbol-undefined --manifest "$scratch/shim.json" -- "$scratch/plain"
shows "LD_BIND_NOW=1"
echo 'extern int vgpu_test_nowhere; int get(void) { return vgpu_test_nowhere; }' >"$scratch/wants.c"
undefined 127 1 -Wl,-z,lazy
echo '__attribute__((weak)) void vgpu_test_nowhere(void); void call(void) { if (vgpu_test_nowhere) vgpu_test_nowhere(); }' |
  library -Wl,-z,now -o "$dir/libwants.so"
healthy symbol-undefined --manifest "$scratch/shim.json" -- "$scratch/plain"

# DT_RPATH goes before LD_LIBRARY_PATH: a libcuda by the development name is loaded although ours is in the link directory.
echo 'int cuInit(unsigned flags) { return flags == 7; }' | library -o "$dir/libcuda.so"
echo 'int cuInit(unsigned); int main(void) { return cuInit(0); }' |
  $compiler -x c - -o "$scratch/shadowed" -L"$dir" -Wl,--no-as-needed -lcuda -Wl,--disable-new-dtags,-rpath,"$dir"
"$vgpu_run" -- env LD_TRACE_LOADED_OBJECTS=1 "$scratch/shadowed" >"$scratch/real" || true
contains "$scratch/real" "libcuda.so => $dir/libcuda.so"
diagnosed 1 error:rpath-shadows-shim -- "$scratch/shadowed"
shows "$scratch/shadowed:None: DT_RPATH $dir" "$dir/libcuda.so:None: regular file"
echo 'int cuInit(unsigned); int main(void) { return cuInit(0); }' |
  $compiler -x c - -o "$scratch/shadowed" -L"$dir" -Wl,--no-as-needed -lcuda -Wl,--enable-new-dtags,-rpath,"$dir"
"$vgpu_run" -- env LD_TRACE_LOADED_OBJECTS=1 "$scratch/shadowed" >"$scratch/real" || true
lacks "$scratch/real" "=> $dir/libcuda.so"
healthy rpath-shadows-shim -- "$scratch/shadowed"
program -o "$scratch/opens" -Wl,--disable-new-dtags,-rpath,'$ORIGIN/dir'
diagnosed 0 warning:rpath-shadows-shim -- "$scratch/opens"
shows "$dir/libcuda.so"

# AddressSanitizer's runtime that is not first. A shim without a device, for that is what the program would wait for.
if program -fsanitize=address -shared-libasan -o "$scratch/asan" 2>/dev/null || program -fsanitize=address -o "$scratch/asan" 2>/dev/null; then
  runtime=$(LD_TRACE_LOADED_OBJECTS=1 "$scratch/asan" | sed -n 's/.*=> \(.*asan[^ ]*\) (.*/\1/p')
  if [[ -n $runtime ]]; then
    ends 1 "$vgpu_run" -- "$scratch/asan"
    contains "$scratch/err" "runtime does not come first"
    diagnosed 1 error:sanitizer-not-first -- "$scratch/asan"
    shows "$scratch/asan:None: DT_NEEDED libasan" "libvgpu-exec.so is the first"
    export LD_PRELOAD=$runtime
    ends 0 "$vgpu_run" -- "$scratch/asan"
    healthy sanitizer-not-first -- "$scratch/asan"
    unset LD_PRELOAD
    export ASAN_OPTIONS=verify_asan_link_order=0
    healthy sanitizer-not-first -- "$scratch/asan"
    unset ASAN_OPTIONS
  fi
fi

# RTLD_DEEPBIND, and a copy of a shim: seen in the process, which --try starts.
$compiler -o "$scratch/stay" "$here/stay.c" -ldl
echo 'int cuInit(unsigned flags) { return flags == 7; }' | library -Wl,-soname,libcuda.so.1 -o "$dir/libcuda.so.1"
diagnosed 1 error:shim-bypassed --try -- "$scratch/stay" deep "$dir/libcuda.so.1"
shows "$dir/libcuda.so.1"
cp "$shims/libvgpu-cuda.so" "$scratch/copy.so"
diagnosed 1 error:shim-loaded-twice --try -- "$scratch/stay" open "$scratch/copy.so"
ends 0 "$vgpuctl" doctor --try -- "$scratch/stay"
lacks "$scratch/out" "shim-"
healthy shim-bypassed -- "$scratch/stay" deep "$dir/libcuda.so.1"  # nothing was started

# A library of the program with the CUDA runtime in it, as nvcc makes them: code for the GPU, and nobody else who registers it.
printf '__attribute__((section(".nv_fatbin"), used)) static const char code[64] = "x";\nint gpu_work(void) { return code[0]; }\n' |
  library -Wl,-soname,libwork.so -o "$dir/libwork.so"
echo 'int gpu_work(void); int main(void) { return gpu_work() == 0; }' | $compiler -x c - -o "$scratch/worker" -L"$dir" -lwork -Wl,-rpath,"$dir"
ends 0 "$vgpu_run" -- "$scratch/worker"
diagnosed 0 warning:target-static-cudart -- "$scratch/worker"
shows "$dir/libwork.so:None: section .nv_fatbin" "needs libwork.so"
