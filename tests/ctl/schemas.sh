#!/usr/bin/env bash
# vgpuctl schema prints the schemas that are installed beside it, and what is printed satisfies them.
source "$(dirname "$0")/common.sh"
fixture

for name in manifest device plan verify doctor sessions; do
  ends 0 "$vgpuctl" schema "$name"
  cmp "$scratch/out" "$source_dir/config/schema/$name-1.json" || fail "schema $name"
done
ends 0 "$vgpuctl" schema
cmp "$scratch/out" "$source_dir/config/schema/manifest-1.json" || fail "the default"
ends 125 "$vgpuctl" schema plans
mkdir -p "$scratch/tree/bin"
cp "$vgpuctl" "$scratch/tree/bin"
ends 125 "$scratch/tree/bin/vgpuctl" schema
contains "$scratch/err" "$scratch/tree/share/vgpu-run/schema/manifest-1.json"

python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema"
valid() {
  python3 - "$source_dir/config/schema/plan-1.json" "$scratch/out" <<'PY' || fail "against the schema: $(cat "$scratch/out")"
import json, sys
import jsonschema
schema, plan = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
jsonschema.Draft7Validator(schema).validate(plan)
PY
}
printf '#!/usr/bin/env sh\nexec true\n' >"$scratch/script"
chmod +x "$scratch/script"
for words in "--profile none -- true" "-- true" "--manifest $manifest $scratch/script" "no-such-command" "--manifest /dev/null true" \
  "--with nothing true" "--emulate nothing true" "--scope namespace true"; do
  # shellcheck disable=SC2086
  "$vgpuctl" explain --json $words >"$scratch/out" 2>/dev/null || true
  valid
done
"$vgpuctl" explain --json --set LD_PRELOAD=libm.so.6:/nowhere.so --set $'\xff=\x01\xfe' -- $'\xe2\x82' $'\x1b[2J' >"$scratch/out" || true
valid
[[ $(json 'd["environment"]["\0ff"].encode()' <"$scratch/out") == "b'\\x01\\x00fe'" ]] || fail "bytes: $(cat "$scratch/out")"
