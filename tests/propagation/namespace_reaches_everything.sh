#!/usr/bin/env bash
# Scope namespace: whatever a program in between does to the environment, and whoever it is, everything dynamic below has
# the shims. As root, and as an ordinary user in a user namespace.
source "$(dirname "$0")/namespace_common.sh"
chmod 755 "$scratch"

command -v gcc >/dev/null || skip "no gcc"
# A static parent: the shims never stood in it. It runs its arguments in an empty environment.
cat >"$scratch/clean.c" <<'C'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char *empty[] = {0};
  int status = 0;
  pid_t child;
  if (argc < 2) return 2;
  child = fork();
  if (child == 0) {
    execve(argv[1], argv + 1, empty);
    _exit(127);
  }
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
C
gcc -static -o "$scratch/clean" "$scratch/clean.c"
if command -v go >/dev/null; then
  cat >"$scratch/clean.go" <<'GO'
package main

import (
	"os"
	"os/exec"
)

func main() {
	command := exec.Command(os.Args[1], os.Args[2:]...)
	command.Env = []string{}
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if command.Run() != nil {
		os.Exit(1)
	}
}
GO
  (cd "$scratch" && HOME=$scratch GOCACHE=$scratch/cache GO111MODULE=off CGO_ENABLED=0 go build -o clean-go clean.go)
  ! readelf -l "$scratch/clean-go" | grep -q INTERP || fail "the Go program is not static"
fi

reach() { # the rest: how to become somebody
  local run=("$@" "$vgpu_run" --scope namespace --)
  has_shims "plain" "${run[@]}"
  has_shims "env -i" "${run[@]}" env -i
  has_shims "a static C parent" "${run[@]}" "$scratch/clean"
  has_shims "two static parents" "${run[@]}" "$scratch/clean" "$scratch/clean"
  [[ ! -x $scratch/clean-go ]] || has_shims "a static Go parent" "${run[@]}" "$scratch/clean-go"
  has_shims "unset by the shell" "${run[@]}" sh -c 'unset LD_PRELOAD LD_LIBRARY_PATH; for v in $(env | sed -n "s/^\(VGPU_[A-Z_]*\)=.*/\1/p"); do unset $v; done; "$@"' sh
  # The development names come from the cache, for there is no LD_LIBRARY_PATH.
  same "libcuda.so by the cache" "$build/lib/vgpu/link/libcuda.so" \
    "$("${run[@]}" "$scratch/clean" /bin/sh -c 'PATH=/sbin:/usr/sbin:/bin:/usr/bin ldconfig -p' | sed -n 's/^\tlibcuda\.so (libc6,x86-64) => //p')"
  "${run[@]}" env -i "$python" -c 'import ctypes; assert ctypes.CDLL("libcuda.so").cuInit(0) == 0' || fail "dlopen of libcuda.so"
  # An environment without a word of ours: the device is known all the same, and what comes behind has everything again.
  same "the device" "2 NVIDIA A100-SXM4-80GB" "$("$@" "$vgpu_run" --scope namespace --emulate a100:2 -- "$scratch/clean" "$python" -c '
import ctypes
cuda = ctypes.CDLL("libcuda.so.1")
count, name = ctypes.c_int(), ctypes.create_string_buffer(64)
assert cuda.cuInit(0) == 0 and cuda.cuDeviceGetCount(ctypes.byref(count)) == 0 and cuda.cuDeviceGetName(name, 64, 1) == 0
print(count.value, name.value.decode())')"
  "$@" "$vgpu_run" --scope namespace --emulate a100:2 -- "$scratch/clean" /bin/sh -c '/usr/bin/env; exit 0' >"$scratch/out"
  for part in LD_PRELOAD= LD_LIBRARY_PATH= VGPU_PRELOAD= VGPU_SCOPE=namespace id=a100; do contains "$scratch/out" "$part"; done
  # --allow-unshimmed is not needed: only those that it starts count.
  "${run[@]}" "$scratch/clean" /bin/true 2>"$scratch/err" || fail "a static target: $(cat "$scratch/err")"
  contains "$scratch/err" "target-static"
}
# 32-bit programs read the same /etc/ld.so.preload: not a line on stderr, and their 64-bit children have everything again.
if gcc -m32 -o "$scratch/clean32" "$scratch/clean.c" 2>/dev/null; then
  for way in env "$vgpu_run --scope namespace --"; do
    $way "$vgpu_run" --scope namespace -- "$scratch/clean" "$scratch/clean32" "$scratch/clean32" /bin/true 2>"$scratch/err" ||
      fail "a 32-bit child: $(cat "$scratch/err")"
    ! grep '^ERROR: ld\.so' "$scratch/err" || fail "ld.so complains in a 32-bit child"
  done
  has_shims "a 64-bit child of a 32-bit one" "$vgpu_run" --scope namespace -- "$scratch/clean" "$scratch/clean32"
  has_shims "the same below a second launch" "$vgpu_run" --scope namespace -- "$vgpu_run" --scope namespace -- "$scratch/clean" "$scratch/clean32"
else
  echo "SKIPPED: 32-bit children (no gcc-multilib)"
fi
((EUID != 0)) || reach env
if others_reach; then
  # AT_SECURE: a set-user-ID program, and one with file capabilities, started by somebody who gains by it.
  cat >"$scratch/secure.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <unistd.h>
int main(void) {
  int count = -1;
  int (*init)(unsigned) = (int (*)(unsigned))dlsym(RTLD_DEFAULT, "cuInit");
  int (*get_count)(int *) = (int (*)(int *))dlsym(RTLD_DEFAULT, "cuDeviceGetCount");
  if (init != 0 && init(0) == 0) get_count(&count);
  printf("secure %lu euid %d devices %d\n", getauxval(AT_SECURE), (int)geteuid(), count);
  return 0;
}
C
  gcc -o "$scratch/secure" "$scratch/secure.c"
  secure() { "$vgpu_run" --scope namespace --emulate a100:3 -- "$@" 2>/dev/null; }
  chown 1 "$scratch/secure" && chmod 4755 "$scratch/secure"
  same "set-user-ID" "secure 1 euid 1 devices 3" "$(secure "$scratch/secure")"
  same "set-user-ID below a static parent" "secure 1 euid 1 devices 3" "$(secure "$scratch/clean" "$scratch/secure")"
  same "set-user-ID for nobody, below root" "secure 1 euid 1 devices 3" \
    "$(secure setpriv --reuid=65534 --regid=65534 --clear-groups "$scratch/secure")"
  chown 0 "$scratch/secure" && chmod 755 "$scratch/secure"
  if command -v setcap >/dev/null && setcap cap_net_raw+ep "$scratch/secure" 2>/dev/null; then
    same "file capabilities" "secure 1 euid 65534 devices 3" \
      "$(secure setpriv --reuid=65534 --regid=65534 --clear-groups "$scratch/secure")"
  fi
fi
if nobody_can; then
  reach as_nobody
elif ((EUID != 0)); then
  reach env
else
  printf 'not as an ordinary user: no user namespaces, or the build tree is out of reach\n'
fi
