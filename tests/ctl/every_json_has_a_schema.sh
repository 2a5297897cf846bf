#!/usr/bin/env bash
# Each command of vgpuctl that takes --json names its schema in its help, vgpuctl schema prints it, and what is printed here, of
# healthy and of broken things, satisfies it. A new command with --json and without an example here is a failure.
source "$(dirname "$0")/../systemd/common.sh"
python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema"
tree

subcommands() { "$vgpuctl" "$@" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\)  .*/\1/p'; }
commands=()
for command in $(subcommands); do
  verbs=$(subcommands "$command")
  for verb in ${verbs:-''}; do
    name="$command${verb:+ $verb}"
    # shellcheck disable=SC2086
    if "$vgpuctl" $name --help | grep -q '^  --json '; then commands+=("$name"); fi
  done
done
((${#commands[@]} >= 12)) || fail "only ${commands[*]}"

declare -A schema seen
for name in "${commands[@]}"; do
  # shellcheck disable=SC2086
  schema[$name]=$("$vgpuctl" $name --help | tr -s '\n ' ' ' | sed -n 's/.* --json .*(vgpuctl schema \([a-z-]*\)).*/\1/p')
  [[ -n ${schema[$name]} ]] || fail "vgpuctl $name --help names no schema of its --json"
  ends 0 "$vgpuctl" schema "${schema[$name]}"
  cmp -s "$scratch/out" "$source_dir/config/schema/${schema[$name]}-1.json" || fail "schema ${schema[$name]} is not the file"
done

# valid NAME... -- WORD...: what that command prints, whatever its status, satisfies the schema.
valid() {
  local name=$1
  shift
  # shellcheck disable=SC2086
  "$vgpuctl" $name --json "$@" >"$scratch/json" 2>"$scratch/err" || (($? <= 2 || $? == 127 || $? == 126)) || fail "$name $*: $(cat "$scratch/err")"
  python3 - "$source_dir/config/schema/${schema[$name]}-1.json" "$scratch/json" <<'PY' || fail "$name --json $*: $(cat "$scratch/json")"
import json, sys
import jsonschema
schema, document = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(document)
PY
  seen[$name]=yes
}
for command in explain check; do
  valid $command -- true
  valid $command --emulate nothing -- no-such-command
done
valid doctor
valid doctor -- no-such-command
valid verify $$
valid verify 4194304
valid verify -- true
valid tree $$
for what in devices profiles shims; do valid list $what; done

valid "systemd check" "${at[@]}" ollama
valid "systemd check" "${at[@]}" nowhere
mkdir "$tree/etc/systemd/system/ollama.service.d"
cp "$here/../systemd/seed/vgpu.conf" "$tree/etc/systemd/system/ollama.service.d/"
valid "systemd check" "${at[@]}" ollama
rm -r "$tree/etc/systemd/system/ollama.service.d"
valid "systemd install" "${at[@]}" --dry-run ollama
valid "systemd install" "${at[@]}" ollama
valid "systemd check" "${at[@]}" ollama
valid "systemd remove" --root "$tree" ollama
valid "systemd remove" --root "$tree" ollama

"$vgpuctl" cdi generate --emulate a100:2 >"$scratch/cdi.json" 2>/dev/null
valid "cdi diff" "$scratch/cdi.json"
valid "cdi diff" "$scratch/cdi.json" --emulate h100
valid "cdi diff" "$scratch/nowhere.json"
valid "cdi diff" "$scratch"

export XDG_RUNTIME_DIR=$scratch/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
${CC:-cc} -o "$scratch/stay" "$source_dir/tests/ctl/stay.c" -ldl
"$vgpu_run" --memory 1GiB -- "$scratch/stay" init 0 >"$scratch/up" 2>&1 </dev/null &
pid=$!
trap 'kill -9 "$pid" 2>/dev/null || true; rm -rf "$scratch"' EXIT
for ((i = 0; i < 200; i++)); do
  ! grep -q ^up "$scratch/up" || break
  sleep 0.05
done
valid top
valid limit "$(echo "$XDG_RUNTIME_DIR"/vgpu-session-*)"
valid limit "$(echo "$XDG_RUNTIME_DIR"/vgpu-session-*)" 2GiB
kill -9 "$pid"
wait "$pid" 2>/dev/null || true
valid top

for name in "${commands[@]}"; do [[ -n ${seen[$name]:-} ]] || fail "nothing here looks at vgpuctl $name --json"; done
printf '%s commands with --json: %s\n' "${#commands[@]}" "${commands[*]}"
