#!/usr/bin/env bash
# vgpuctl doctor as an interface: statuses, JSON by its schema, the order, what preflight knows, bad input, users without rights.
source "$(dirname "$0")/doctor_common.sh"
chmod 755 "$scratch"
program -o "$scratch/plain"
# In a pid namespace of our own no other test's processes are there to be found.
alone() {
  local unshare=(unshare --pid --fork --mount-proc)
  ((EUID == 0)) || unshare+=(--map-root-user)
  "${unshare[@]}" "$@"
}

# What preflight says is said by the same id, with what the file is as evidence.
shim "$scratch/gone.so"
diagnosed 1 error:shim-missing --manifest "$scratch/shim.json" -- "$scratch/plain"
shows "$scratch/gone.so:None: stat: No such file or directory"
shim "$scratch"
diagnosed 1 error:shim-is-directory --manifest "$scratch/shim.json" -- "$scratch/plain"
shows "$scratch:None: directory, mode 0755"
shim "$scratch/plain"
diagnosed 1 error:shim-not-shared-object --manifest "$scratch/shim.json" -- "$scratch/plain"
shows "ELF 64-bit x86_64, program"
shim "$scratch/gone.so" ', "required": false'
diagnosed 0 warning:shim-missing --manifest "$scratch/shim.json" -- "$scratch/plain"
program -static -o "$scratch/static"
diagnosed 1 error:target-static -- "$scratch/static"
shows "$scratch/static:None: regular file, mode 0755"
printf '{ "version": 1,\n  "shims": [{ "name": "a", "libary": "x.so" }] }' >"$scratch/typo.json"
diagnosed 1 error:manifest-invalid --manifest "$scratch/typo.json"
shows "$scratch/typo.json:2: \"shims\": [{ \"name\": \"a\", \"libary\": \"x.so\" }] }"
diagnosed 1 error:target-missing -- no-such-command
shows "PATH:None: $PATH"
VGPU_RUN_ALLOW_UNSHIMMED=1 diagnosed 1 error:target-static -- "$scratch/static"

# Worst first; cannot tell is 2, and a fault outweighs it.
cat >"$scratch/two.json" <<JSON
{"version": 1, "shims": [{"name": "a", "library": "$scratch/a.so", "required": false}, {"name": "b", "library": "$scratch/b.so"}],
 "profiles": [{"name": "default", "shims": ["a", "b"]}]}
JSON
ends 1 "$vgpuctl" doctor --json --manifest "$scratch/two.json" -- "$scratch/plain"
[[ $(json '[(f["severity"], f["where"][-4:]) for f in d["findings"] if f["id"] == "shim-missing"]' <"$scratch/out") == "[('error', 'b.so'), ('warning', 'a.so')]" ]] || fail "the order: $(cat "$scratch/out")"
[[ $(json 'd["verdict"]' <"$scratch/out") == "does not hold" ]] || fail "the verdict"
cp "$scratch/plain" "$scratch/unreadable"
chmod 0111 "$scratch/unreadable"
as_user=(env XDG_CONFIG_HOME=/nonexistent)
((EUID != 0)) || as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups "${as_user[@]}")
if "${as_user[@]}" test -x "$vgpuctl"; then
  doctor_names target-unreadable "${as_user[@]}" "$vgpuctl" doctor --json -- "$scratch/unreadable"
  ends 2 "${as_user[@]}" "$vgpuctl" doctor -- "$scratch/unreadable"
  contains "$scratch/out" "unknown: target-unreadable: $scratch/unreadable: "
  contains "$scratch/out" "cannot tell: "
  ends 2 "${as_user[@]}" "$vgpuctl" doctor --json -- "$scratch/unreadable"
  [[ $(json 'd["verdict"]' <"$scratch/out") == "cannot tell" ]] || fail "the verdict"
  ends 0 "${as_user[@]}" "$vgpuctl" doctor -- "$scratch/plain"
  if ((EUID == 0)); then
    cp "$scratch/plain" "$scratch/secure"
    chmod 4755 "$scratch/secure"
    ends 1 "${as_user[@]}" "$vgpuctl" doctor -- "$scratch/secure"
    contains "$scratch/out" "error: target-secure: "
    contains "$scratch/out" "mode 4755, uid 0"
  fi
fi

# About the machine: processes that run under vgpu-run and lost their shims, and nothing else.
if alone true 2>/dev/null; then
  status=0
  alone "$vgpuctl" doctor >"$scratch/out" || status=$?
  ((status == 0)) || fail "status $status: $(cat "$scratch/out")"
  grep -q '^holds: .* this machine$' "$scratch/out" || fail "$(cat "$scratch/out")"
  $compiler -o "$scratch/stay" "$source_dir/tests/ctl/stay.c" -ldl
  # shellcheck disable=SC2016
  status=0
  alone bash -c '"$1" --scope inherit -- "$2" clean "$2" >"$4/up" 2>&1 </dev/null & pid=$!
    for ((i = 0; i < 200; i++)); do (($(grep -c ^up "$4/up") < 2)) || break; sleep 0.05; done
    status=0; "$3" doctor || status=$?
    kill -9 $pid; exit $status' bash "$vgpu_run" "$scratch/stay" "$vgpuctl" "$scratch" >"$scratch/out" || status=$?
  ((status == 1)) || fail "status $status: $(cat "$scratch/out")"
  contains "$scratch/out" "error: preload-replaced: process "
  contains "$scratch/out" "evidence: link map of "
  # What a person wrote into LD_PRELOAD by hand.
  shims=$build/lib/vgpu
  mkdir "$scratch/foreign"
  echo 'int cuInit(unsigned flags) { return flags == 7; }' | library -Wl,-soname,libcuda.so.1 -o "$scratch/foreign/libcuda.so.1"
  all=("$shims"/libvgpu-{exec,syscall,cuda,nvml,cudart12,cudart13}.so)
  by_hand() { # ID ENTRY...
    local id=$1 list status=0
    shift
    list=$(printf '%s:' "$@")
    [[ -n ${given:-} ]] || local given=("${all[@]}")
    # shellcheck disable=SC2016
    alone bash -c 'LD_PRELOAD=$5 VGPU_PRELOAD=$6 "$1" >"$3/up" 2>"$3/up.err" </dev/null & pid=$!
      for ((i = 0; i < 200; i++)); do ! grep -q ^up "$3/up" || break; sleep 0.05; done
      status=0; "$2" doctor || status=$?
      kill -9 $pid; exit $status' bash "$scratch/stay" "$vgpuctl" "$scratch" - "$list" "$(printf '%s:' "${given[@]}")" >"$scratch/out" || status=$?
    ((status == 1)) || fail "$id: status $status: $(cat "$scratch/out" "$scratch/up.err")"
    contains "$scratch/out" "error: $id: process "
  }
  given=("${all[@]:0:5}" "$scratch/gone/libvgpu-cudart13.so")
  by_hand preload-not-loaded "${given[@]}"
  contains "$scratch/up.err" "cannot be preloaded"
  unset given
  by_hand preload-order "${all[0]}" "${all[1]}" "${all[3]}" "${all[4]}" "${all[5]}" "${all[2]}"
  by_hand shim-shadowed "$scratch/foreign/libcuda.so.1" "${all[@]}"
  by_hand preload-lacks-shim "${all[@]:0:5}"
fi

# The JSON by its schema, with bytes that are no UTF-8.
python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema"
valid() {
  python3 - "$source_dir/config/schema/doctor-1.json" "$scratch/out" <<'PY' || fail "against the schema: $(cat "$scratch/out")"
import json, sys
import jsonschema
schema, report = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(report)
PY
}
for words in "" "-- true" "-- no-such-command" "--manifest $scratch/two.json -- $scratch/static" "--manifest /dev/null" "--emulate nothing -- true"; do
  # shellcheck disable=SC2086
  "$vgpuctl" doctor --json $words >"$scratch/out" 2>/dev/null || true
  valid
done
"$vgpuctl" doctor --json -- $'\xff\x1b[2J' $'\xe2\x82' >"$scratch/out" || true
valid
"$vgpuctl" doctor -- $'\xff\x1b[2J' >"$scratch/out" || true
lacks "$scratch/out" $'\x1b'

# Own failures.
ends 125 "$vgpuctl" doctor true
contains "$scratch/err" "nothing is expected where true stands"
contains "$scratch/err" "fix: write -- in front of a command"
ends 125 "$vgpuctl" doctor --nonsense
ends 125 "$vgpuctl" doctor --scope everywhere -- true
ends 125 "$vgpuctl" doctor --root /no/such/directory
ends 125 "$vgpuctl" doctor --try
contains "$scratch/err" "there is no command to try"
ends 125 "$vgpuctl" doctor --try --root "$scratch" -- true
ends 125 "$vgpuctl" doctor --explain usage -- true
ends 125 "$vgpuctl" doctor --explain usage --json
ends 125 "$vgpuctl" doctor --explain ''
status=0
"$vgpuctl" doctor -- true >/dev/full 2>"$scratch/err" || status=$?
((status == 125)) || fail "status $status with a full disk"
