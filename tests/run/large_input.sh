#!/usr/bin/env bash
# Malformed, deep, huge and contradictory input: a clear error and a status, never a crash; large but honest input works.
source "$(dirname "$0")/../common.sh"

refused() { # CODE
  ends 125 timeout 60 "$vgpu_run" --manifest "$scratch/m.json" true
  contains "$scratch/err" "$1"
  doctor_names "$1" "$vgpuctl" doctor --json --manifest "$scratch/m.json" -- true
}
: >"$scratch/m.json"
refused manifest-syntax
printf '{"version": 1' >"$scratch/m.json"
refused manifest-syntax
contains "$scratch/err" ":1:"
printf '\xff\xfe' >"$scratch/m.json"
refused manifest-syntax
python3 -c 'print("[" * 200000)' >"$scratch/m.json"
refused manifest-syntax
head -c 2000000 /dev/zero | tr '\0' ' ' >"$scratch/m.json"
refused manifest-too-large
head -c 500000 /dev/urandom >"$scratch/m.json"
ends 125 "$vgpu_run" --manifest "$scratch/m.json" true
cat >"$scratch/m.json" <<'JSON'
{"version": 1,
 "shims": [{"name": "a", "library": "/a.so", "before": ["b"]}, {"name": "b", "library": "/b.so", "before": ["c"]},
           {"name": "c", "library": "/c.so", "before": ["a"]}],
 "profiles": [{"name": "default", "shims": ["a", "b", "c"]}]}
JSON
refused order-cycle
contains "$scratch/err" "a before b"
contains "$scratch/err" "m.json:2:"
contains "$scratch/err" "/shims/0/before/0"
echo '{"version": 1, "shims": [{"name": "x", "libary": "/a.so"}], "profiles": []}' >"$scratch/m.json"
refused manifest-invalid
contains "$scratch/err" 'did you mean "library"'

for device in '' ':' h100:0 h100:17 h100:x 'h100,,l4' /etc/passwd "$scratch" "$(head -c 5000 /dev/zero | tr '\0' a)"; do
  ends 125 "$vgpu_run" --emulate "$device" true
done
sed 's/"memory_bytes": [0-9]*/"memory_bytes": 99999999999999999999/' "$build/share/vgpu-run/devices/h100.json" >"$scratch/huge.json"
ends 125 "$vgpu_run" --emulate "$scratch/huge.json" true
contains "$scratch/err" "memory_bytes"

# A variable that the kernel would not take: said, not passed on to an "Argument list too long".
ends 125 env LD_LIBRARY_PATH="/$(head -c 131000 /dev/zero | tr '\0' x)" "$vgpu_run" true
contains "$scratch/err" "environment-too-long"

# 10 000 arguments, 2 000 variables, names with line feeds, bytes that are no UTF-8.
mapfile -t arguments < <(seq 10000)
ends 0 "$vgpu_run" -- sh -c 'echo $#; shift 9999; echo $1' sh "${arguments[@]}"
[[ $(cat "$scratch/out") == $'10000\n10000' ]] || fail "10 000 arguments: $(cat "$scratch/out")"
python3 - "$vgpu_run" <<'PY'
import os, subprocess, sys
environment = {b"V%d\n\xff" % i: b"\xfe=%d\n" % i for i in range(2000)}
environment[b"PATH"] = b"/usr/bin:/bin"
plain = subprocess.run(["env", "-0"], env=environment, stdout=subprocess.PIPE, check=True).stdout.split(b"\0")
under = subprocess.run([sys.argv[1], "env", "-0"], env=environment, stdout=subprocess.PIPE, check=True).stdout.split(b"\0")
ours = [v for v in under if not v.startswith((b"LD_PRELOAD=", b"LD_LIBRARY_PATH=", b"VGPU_"))]
assert ours == plain, "the environment is not handed on as it was"
assert subprocess.run([sys.argv[1], "--dry-run", "--format=json", "env"], env=environment).returncode == 0
os._exit(0)
PY
# An argument list that the kernel refuses is env(1)'s 126, with the cause.
ends 126 sh -c 'ulimit -s 256; long=$(head -c 60000 /dev/zero | tr "\0" x); exec "$0" --set "A=$long" --set "B=$long" -- true "$long"' "$vgpu_run"
contains "$scratch/err" "Argument list too long"

# Names that try to drive the terminal are written out.
printf '#!/bin/sh\n' >"$scratch/"$'evil\e[2Jname'
ends 126 "$vgpu_run" "$scratch/"$'evil\e[2Jname'
lacks "$scratch/err" $'\e['
contains "$scratch/err" '\x1b[2J'
