#!/usr/bin/env bash
# What vgpuctl verify --json and tree --json print satisfies its schema, whatever the processes are.
source "$(dirname "$0")/processes.sh"
python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema"
valid() {
  python3 - "$source_dir/config/schema/verify-1.json" "$scratch/out" <<'PY' || fail "against the schema: $(cat "$scratch/out")"
import json, sys
import jsonschema
schema, document = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(document)
findings = schema["definitions"]["process"]["properties"]["finding"]["enum"]
assert set(document["processes"][0]) <= set(schema["definitions"]["process"]["properties"]) if document["processes"] else True
PY
}

# Names that are no UTF-8, or would move a terminal's cursor.
strange=$scratch/$'a\xff\e[2J"\\'
cp "$stay" "$strange"
shimmed 3 "$stay" init 0 raw "$strange" clean "$stay"
for words in "verify --json $pid" "tree --json $pid" "tree --json" "verify --json 4194304" "verify --json $$" "verify --json -- $stay init 0"; do
  # shellcheck disable=SC2086
  "$vgpuctl" $words >"$scratch/out" 2>"$scratch/err" || (($? < 3)) || fail "$words: $(cat "$scratch/err")"
  valid
done
"$vgpuctl" verify "$pid" >"$scratch/out" || true
lacks "$scratch/out" $'\e'
"$vgpuctl" tree "$pid" >"$scratch/out"
lacks "$scratch/out" $'\e'
if ((EUID == 0)); then
  "$vgpuctl" verify --json 1 >"$scratch/out" || true
  valid
fi
