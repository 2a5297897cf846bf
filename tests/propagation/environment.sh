#!/bin/sh
# usage: environment.sh SHIM_DIRECTORY PROGRAM_DIRECTORY
# What a child's environment looks like: lists in their order, nothing else touched, the same at any depth.
. "$(dirname "$0")/common.sh"

# is EXPECTED VARIABLE COMMAND...: the variable in the environment that the command prints
is() {
  expected=$1 variable=$2
  shift 2
  got=$(with_shims "$@" 2>/dev/null | sed -n "s/^$variable=//p")
  [ "$got" = "$expected" ] || fail "$variable of $*: '$got', not '$expected'"
}
link=$shims/link
is "$exec_shim" LD_PRELOAD env -i env
is "$exec_shim:/a.so:/b.so" LD_PRELOAD env -i LD_PRELOAD="/a.so: :/b.so" env
is "$exec_shim:/a.so:/b.so" LD_PRELOAD env -i LD_PRELOAD="/a.so $exec_shim /b.so" env
is "$link:/usr/lib/last" LD_LIBRARY_PATH env -i env
is "$link:/mine:/usr/lib/last" LD_LIBRARY_PATH env -i LD_LIBRARY_PATH=/mine env
# The way Ollama does it: its own in front, then what it inherited.
is "$link:/ollama:/ollama/cuda:/mine:/usr/lib/last" LD_LIBRARY_PATH env LD_LIBRARY_PATH="/ollama:/ollama/cuda:$link:/mine:/usr/lib/last" env
# What was appended goes before the last directories, what was put in front stays there; empty entries are the child's.
is "$link:/new:/usr/lib/last" LD_LIBRARY_PATH env LD_LIBRARY_PATH="$link:/usr/lib/last:/new" env
is "$link:/usr/lib/last:/new" LD_LIBRARY_PATH VGPU_LIBRARY_PATH_LAST= env LD_LIBRARY_PATH="$link:/usr/lib/last:/new" env
is "$link:/a::/b:/usr/lib/last" LD_LIBRARY_PATH env -i LD_LIBRARY_PATH="/a;;/b" env
# Its own in front that are also the profile's: in front they stay, in the next level's environment, too.
is "$link:/usr/lib/last:/mine:/usr/lib/last" LD_LIBRARY_PATH env LD_LIBRARY_PATH="/usr/lib/last:$link:/mine:/usr/lib/last" env env env
# A foreign preload of the front stays in front where the child has it, and is not brought back where it has not.
is "/asan.so:$exec_shim:/x.so" LD_PRELOAD VGPU_PRELOAD_FIRST=/asan.so env LD_PRELOAD="/x.so:/asan.so" env
is "$exec_shim" LD_PRELOAD VGPU_PRELOAD_FIRST=/asan.so env -i env
# Our variables: those that must agree with the lists are ours, others may be set for one child.
is "$exec_shim" VGPU_PRELOAD env VGPU_PRELOAD=/other.so env
is debug VGPU_LOG env -i VGPU_LOG=debug env
is wire VGPU_DEVICE VGPU_DEVICE=wire env -i env
# Switches.
is '' LD_PRELOAD env -i VGPU_EXEC=off env
is '' LD_PRELOAD VGPU_SCOPE=inherit env -i env
# Rules for children: by name, by path, by argument; the first that matches.
is '' LD_PRELOAD VGPU_CHILDREN='leave,p=e?v' env -i env
is '/x.so' LD_PRELOAD VGPU_CHILDREN='hide,p=/usr/bin/e[m-o]v' env LD_PRELOAD="$exec_shim:/x.so" /usr/bin/env
is "$exec_shim" LD_PRELOAD VGPU_CHILDREN='inject,a=A=%31;hide,p=env' env -i A=1 /usr/bin/env A=1
is '' LD_PRELOAD VGPU_CHILDREN='nonsense,p=*;hide,q=env;leave,p=cat,p=env,a=B=*' env -i /usr/bin/env B=2
# Fifty levels deep, all through emptied environments: not a byte longer.
deep='exec env -i LD_LIBRARY_PATH="$LD_LIBRARY_PATH" LD_PRELOAD="$LD_PRELOAD" N=$((N - 1)) PATH="$PATH" sh -c "$1" sh "$1"'
got=$(with_shims N=50 sh -c 'test "$N" -gt 0 || { env; exit; }; '"$deep" sh 'test "$N" -gt 0 || { env; exit; }; '"$deep" |
  sed -n 's/^LD_PRELOAD=//p; s/^LD_LIBRARY_PATH=//p' | sort)
[ "$got" = "$(printf '%s\n' "$exec_shim" "$link:/usr/lib/last" | sort)" ] || fail "fifty levels deep: $got"

# E2BIG because of us alone: started without, and said so; because of the caller: the caller's error, not a word.
got=$(with_shims python3 - 2>&1 <<'END'
import ctypes, os, struct, subprocess
limit = os.sysconf("SC_ARG_MAX")
def run(size):
    env = {"V%06d" % i: "x" * 100000 for i in range(size // 100016)}
    env["LAST"] = "x" * (size % 100016)
    try:
        return subprocess.run(["/bin/true"], env=env).returncode
    except OSError as error:
        return error.errno
low, high = limit // 2, limit + 200000
while high - low > 1:
    middle = (low + high) // 2
    low, high = (middle, high) if run(middle) == 0 else (low, middle)
print("most", low > limit // 2, run(low), run(high))
# The record says so, too (shims/exec/status.h): reason 10, with the child's pid and name.
status = bytes((ctypes.c_char * 664).in_dll(ctypes.CDLL(None), "vgpu_exec_status"))
count = struct.unpack_from("I", status, 144)[0]
pid, reason, entry = struct.unpack_from("IBB", status, 152 + 32 * ((count - 1) % 16))
print("recorded", count > 0, pid > 0, reason, entry, status[152 + 32 * ((count - 1) % 16) + 6:][:26].strip(b"\0").decode())
END
)
case $got in
  *'libvgpu-exec: /bin/true: too big'*'most True 0 7
recorded True True 10 0 /bin/true') ;;
  *) fail "E2BIG: $(echo "$got" | tail -3)" ;;
esac
finish
