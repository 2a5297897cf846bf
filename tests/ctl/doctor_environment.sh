#!/usr/bin/env bash
# vgpuctl doctor about the environment: entries that are there twice, too long a value, /etc/ld.so.preload, wrappers.
source "$(dirname "$0")/doctor_common.sh"
here=$(cd "$(dirname "$0")" && pwd)
dir=$scratch/dir
mkdir "$dir"
program -o "$scratch/plain"
for name in one two; do echo "int $name;" | library -o "$dir/lib$name.so"; done

# Two strings of one name: ld.so obeys the last. No shell can make them.
cat >"$scratch/twice.c" <<'C'
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int count, char** words) {  // ENTRY ENTRY COMMAND...
  extern char** environ;
  char* entries[512] = {words[1], words[2]};
  for (int i = 0, j = 2; environ[i] != NULL && j < 510; ++i) entries[j++] = environ[i];
  return count > 3 ? execve(words[3], words + 3, entries) : 1;
}
C
$compiler -o "$scratch/twice" "$scratch/twice.c"
"$scratch/twice" LD_PRELOAD="$dir/libone.so" LD_PRELOAD="$dir/libtwo.so" "$(type -P cat)" /proc/self/maps >"$scratch/real"
contains "$scratch/real" "$dir/libtwo.so"
lacks "$scratch/real" "$dir/libone.so"
twice() { "$scratch/twice" LD_PRELOAD="$dir/libone.so" LD_PRELOAD="$dir/libtwo.so" "$vgpuctl" "$@"; }
doctor_names environment-duplicate twice doctor --json -- "$scratch/plain"
ends 0 twice doctor --json -- "$scratch/plain"
[[ $(json '[[e["value"] for e in f["evidence"]] for f in d["findings"] if f["id"] == "environment-duplicate"]' <"$scratch/out") == \
  "[['LD_PRELOAD=$dir/libone.so', 'LD_PRELOAD=$dir/libtwo.so']]" ]] || fail "$(cat "$scratch/out")"
healthy environment-duplicate -- "$scratch/plain"

# A value that the kernel does not take: what the user has is near its limit already.
long=$(printf '%0131000d' 0)
ends 125 env LD_PRELOAD="/$long" "$vgpu_run" -- "$scratch/plain"
contains "$scratch/err" "environment-too-long"
export LD_PRELOAD=/$long
diagnosed 1 error:environment-too-long -- "$scratch/plain" 2>/dev/null
unset LD_PRELOAD
status=0
python3 -c 'import os; os.execve("/bin/true", ["true"], {"LD_PRELOAD": "/" * 131072})' 2>"$scratch/real" || status=$?
contains "$scratch/real" "Argument list too long"

# Each is short enough and all of them are not: a quarter of the stack's limit, of which execve(2) counts strings and pointers to
# them. 400 bytes are left: enough for vgpu-run's own arguments, too few for what it adds.
( ulimit -S -s 512
  export VGPU_TEST_A= VGPU_TEST_B=
  room=$((512 * 1024 / 4 - $(env -0 | wc -c) - 8 * ($(env -0 | tr -cd '\0' | wc -c) + 8) - 400))
  VGPU_TEST_A=${long:0:room / 2} VGPU_TEST_B=${long:0:room / 2}
  ends 126 "$vgpu_run" -- "$scratch/plain"
  contains "$scratch/err" "exec-failed"
  contains "$scratch/err" "Argument list too long"
  doctor_names exec-failed "$vgpuctl" doctor --json -- "$scratch/plain"
  ends 1 "$vgpuctl" doctor -- "$scratch/plain"
  contains "$scratch/out" "error: exec-failed: $scratch/plain: arguments and environment have "
  contains "$scratch/out" "evidence: /proc/self/limits:" )
healthy exec-failed -- "$scratch/plain"

# The machine's /etc/ld.so.preload, in a mount namespace of our own: it cannot be put over a file that is not there.
private_preload() { # TEXT COMMAND...: the command, with that text in the file
  local text=$1
  shift
  printf '%s' "$text" >"$scratch/preload"
  in_private_files sh -ec 'etc=$1 preload=$2; shift 2
    mkdir "$etc"; cp -a /etc/. "$etc/" 2>/dev/null || true; cp "$preload" "$etc/ld.so.preload"; chmod 644 "$etc/ld.so.preload"
    mount --bind "$etc" /etc; exec "$@"' sh "$scratch/etc" "$scratch/preload" "$@"
  local status=$?
  rm -rf "$scratch/etc"
  return $status
}
if in_private_files true 2>/dev/null; then
  private() { # STATUS TEXT-OF-THE-FILE EVIDENCE SEVERITY
    local status=0
    private_preload "$2" "$vgpuctl" doctor -- "$scratch/plain" >"$scratch/out" 2>"$scratch/err" || status=$?
    ((status == $1)) || fail "status $status: $(cat "$scratch/out" "$scratch/err")"
    contains "$scratch/out" "$4: preload-file-conflict: /etc/ld.so.preload: "
    contains "$scratch/out" "evidence: /etc/ld.so.preload:$3"
    doctor_names preload-file-conflict private_preload "$2" "$vgpuctl" doctor --json -- "$scratch/plain"
  }
  private_preload "/no/such.so" /bin/true 2>"$scratch/real"
  contains "$scratch/real" "object '/no/such.so' from /etc/ld.so.preload cannot be preloaded"
  private 0 $'# a comment\n/no/such.so\n' "2: /no/such.so" warning
  echo 'int cuInit(unsigned flags) { return flags == 7; }' | library -Wl,-soname,libcuda.so.1 -o "$dir/libcuda.so.1"
  private_preload "$dir/libcuda.so.1" "$vgpu_run" -- cat /proc/self/maps >"$scratch/real"
  contains "$scratch/real" "$dir/libcuda.so.1"
  contains "$scratch/real" "libvgpu-cuda.so"
  private 1 "$dir/libcuda.so.1" "1: $dir/libcuda.so.1" error
  cp "$build/lib/vgpu/libvgpu-cuda.so" "$dir/copy.so"
  private 1 "$dir/copy.so" "1: $dir/copy.so" error
  contains "$scratch/out" "another copy of a shim"
  private 0 "$build/lib/vgpu/libvgpu-exec.so" "1: $build/lib/vgpu/libvgpu-exec.so" warning
  echo 'int execve(const char* p, char** a, char** e) { (void)p, (void)a, (void)e; return -1; }' | library -w -o "$dir/libwrap.so"
  private 0 "$dir/libwrap.so" "1: $dir/libwrap.so" warning
  healthy preload-file-conflict -- "$scratch/plain"
fi

# A wrapper that replaces LD_PRELOAD: in scope inherit its children lose the shims, libvgpu-exec gives them back.
wrapper() { printf '#!/bin/sh\n# LD_PRELOAD=/in/a/comment.so\n%s\n' "$1" >"$scratch/wrapper" && chmod +x "$scratch/wrapper"; }
real() { "$vgpu_run" --scope "$1" -- "$scratch/wrapper" >"$scratch/real" 2>/dev/null; }
for line in "LD_PRELOAD=$dir/libone.so exec cat /proc/self/maps" "export LD_PRELOAD=$dir/libone.so; exec cat /proc/self/maps" \
  "unset LD_PRELOAD; exec cat /proc/self/maps" "exec env -i /bin/cat /proc/self/maps" "exec env -u LD_PRELOAD cat /proc/self/maps"; do
  wrapper "$line"
  real inherit
  lacks "$scratch/real" "libvgpu-cuda.so"
  real exec
  contains "$scratch/real" "libvgpu-cuda.so"
  diagnosed 1 error:preload-replaced --scope inherit -- "$scratch/wrapper"
  shows "$scratch/wrapper:3: $line"
  diagnosed 0 warning:preload-replaced -- "$scratch/wrapper"
done
wrapper 'LD_PRELOAD="/x.so:$LD_PRELOAD" exec cat /proc/self/maps'
real inherit
contains "$scratch/real" "libvgpu-cuda.so"
healthy preload-replaced --scope inherit -- "$scratch/wrapper"
# One that is no script shows in the process: only what it starts lacks the shims.
$compiler -o "$scratch/stay" "$here/stay.c" -ldl
diagnosed 1 error:preload-replaced --try --scope inherit -- "$scratch/stay" clean "$scratch/stay"
