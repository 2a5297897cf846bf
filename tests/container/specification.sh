#!/usr/bin/env bash
# vgpuctl cdi: what is generated, that its schema accepts it, what is refused, and what diff tells. No container is started.
source "$(dirname "$0")/../common.sh"
here=$(cd "$(dirname "$0")" && pwd)
vgpuctl=$build/bin/vgpuctl
spec=$scratch/vgpu.json
generates() { "$vgpuctl" cdi generate --output "$spec" "$@" 2>"$scratch/err" || fail "generate $*: $(cat "$scratch/err")"; }

# The shape: CDI's own schema, and what makes 0.3.0 the least version that has all of it (SPEC.md, "Released versions").
python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema"
schema=$("$here/../real/fetch" cdi-schema) || exit $?
valid() {
  python3 -W ignore - "$schema" "$spec" <<'PY' || fail "not as CDI has it: $(cat "$spec")"
import json, pathlib, re, sys
import jsonschema
directory, spec = pathlib.Path(sys.argv[1]), json.load(open(sys.argv[2], encoding="utf-8"))
schema = json.load(open(directory / "schema.json"))
resolver = jsonschema.RefResolver(f"file://{directory}/schema.json", schema)
validator = jsonschema.Draft7Validator(schema, resolver=resolver)
validator.validate(spec)
# The edits that count for all devices are in the specification's text, and not in its schema.
jsonschema.Draft7Validator({"$ref": "defs.json#/definitions/containerEdits"}, resolver=resolver).validate(spec["containerEdits"])
assert set(spec) == {"cdiVersion", "kind", "devices", "containerEdits"}, spec.keys()
assert spec["cdiVersion"] == "0.3.0" and re.fullmatch(r"[a-z][a-z.]*/[a-z]{2,63}", spec["kind"])
names = [device["name"] for device in spec["devices"]]
assert len(set(names)) == len(names) and all(re.fullmatch(r"[a-z][a-z0-9]*", name) for name in names), names
for edits in [spec["containerEdits"]] + [device["containerEdits"] for device in spec["devices"]]:
    assert edits and set(edits) <= {"env", "mounts"}, edits
    for mount in edits.get("mounts", []):
        assert set(mount) == {"hostPath", "containerPath", "options"} and "ro" in mount["options"], mount
for device in spec["devices"]:
    variables = [entry.partition("=")[0] for entry in device["containerEdits"]["env"]]
    assert len(set(variables)) == len(variables)
    assert all(name.startswith("VGPU_") for name in variables) or device["name"] == "preload", variables
assert all(entry.startswith("VGPU_") for entry in spec["containerEdits"]["env"])
PY
}
names() { json "' '.join(x['name'] for x in d['devices'])" <"$spec"; }
variable() { json "[v.partition('=')[2] for x in d['devices'] if x['name'] == '$1' for v in x['containerEdits']['env'] if v.startswith('$2=')]" <"$spec"; }
edit() { json "[v.partition('=')[2] for v in d['containerEdits']['env'] if v.startswith('$1=')]" <"$spec"; }
mounts() { json "' '.join(sorted(m['containerPath'] for m in d['containerEdits']['mounts']))" <"$spec"; }

generates
valid
[[ $(stat -c %a "$spec") == 644 ]] || fail "mode"
[[ $(names) == "gpu0 all preload" ]] || fail "devices: $(names)"
[[ $(mounts) == "/usr/bin/vgpu-run /usr/lib/vgpu /usr/share/vgpu-run" ]] || fail "mounts: $(mounts)"
[[ $(json "[m['hostPath'] for m in d['containerEdits']['mounts']]" <"$spec") == "['$build/bin/vgpu-run', '$build/lib/vgpu', '$build/share/vgpu-run']" ]] || fail "$(cat "$spec")"
"$vgpuctl" cdi generate >"$scratch/printed"
cmp "$spec" "$scratch/printed" || fail "what is printed is not what is written"
[[ $(variable preload LD_PRELOAD) == "['/usr/lib/vgpu/libvgpu-exec.so:/usr/lib/vgpu/libvgpu-syscall.so:/usr/lib/vgpu/libvgpu-cuda.so:/usr/lib/vgpu/libvgpu-nvml.so:/usr/lib/vgpu/libvgpu-cudart12.so:/usr/lib/vgpu/libvgpu-cudart13.so']" ]] || fail "$(variable preload LD_PRELOAD)"
[[ $(variable preload LD_LIBRARY_PATH) == "[]" ]] || fail "LD_LIBRARY_PATH is set"

# The image's own lists: in the manifest's order, as the container's names, not as files of this machine.
generates --image-preload '/usr/lib/libasan.so.8 libc.so.6:/opt/own.so' --image-library-path /usr/local/cuda/lib64
valid
list=$(variable preload LD_PRELOAD)
[[ $list == "['/usr/lib/libasan.so.8:/usr/lib/vgpu/libvgpu-exec.so:"*"libvgpu-cudart13.so:libc.so.6:/opt/own.so']" ]] || fail "merged: $list"
[[ $(variable preload LD_LIBRARY_PATH) == "['/usr/lib/vgpu/link:/usr/lib/vgpu/link-cudart:/usr/local/cuda/lib64']" ]] || fail "merged: $(variable preload LD_LIBRARY_PATH)"
[[ $(variable preload VGPU_PRELOAD_FIRST) == "['/usr/lib/libasan.so.8']" ]] || fail "in front: $(variable preload VGPU_PRELOAD_FIRST)"

# Options become the twins of the vgpu-run in the container; our own variables have no say.
VGPU_RUN_PROFILE=none VGPU_DEVICE=rubbish generates --emulate a100:2,l4 --memory 50% --set A=1 --set B=2 --scope inherit
valid
[[ $(names) == "gpu0 gpu1 gpu2 all" ]] || fail "devices: $(names)"
contains "$scratch/err" "a quota belongs to one launch"
[[ $(edit VGPU_RUN_MEMORY) == "['50%']" && $(edit VGPU_RUN_SET) == "['A=1\\nB=2']" && $(edit VGPU_RUN_SCOPE) == "['inherit']" ]] || fail "$(cat "$spec")"
[[ $(edit VGPU_RUN_EMULATE)$(edit VGPU_RUN_PROFILE) == "[][]" ]] || fail "$(cat "$spec")"
[[ $(variable gpu2 VGPU_DEVICE_2) == *"|id=l4;"* && $(variable gpu2 VGPU_DEVICE_2) != *a100* ]] || fail "gpu2: $(variable gpu2 VGPU_DEVICE_2)"

# Another manifest and its library keep their places, and no directory of this machine covers one of the image's.
mkdir -p "$scratch/other"
echo 'int vgpu_test_own;' | ${CC:-cc} -shared -fPIC -nostdlib -Wl,-soname,libother.so.1 -x c - -o "$scratch/other/libother.so"
other() {
  printf '{ "version": 1, "shims": [{ "name": "other", "library": "libother.so", "sonames": ["libother.so.1"]%s }], "profiles": [{ "name": "default", "shims": ["other"] }] }' \
    "$1" >"$scratch/other/manifest.json"
}
other ''
(cd "$scratch" && generates --manifest other/manifest.json)
valid
[[ $(mounts) == "$scratch/other/libother.so $scratch/other/manifest.json /usr/bin/vgpu-run /usr/share/vgpu-run" ]] || fail "mounts: $(mounts)"
[[ $(edit VGPU_RUN_MANIFEST) == "['$scratch/other/manifest.json']" ]] || fail "$(edit VGPU_RUN_MANIFEST)"
[[ $(variable preload LD_PRELOAD) == "['$scratch/other/libother.so']" ]] || fail "$(variable preload LD_PRELOAD)"
other ", \"link_directories\": [\"$(dirname "$(ldd /bin/true | grep -o '/[^ ]*libc\.so\.6')")\"]"
ends 125 "$vgpuctl" cdi generate --manifest "$scratch/other/manifest.json"
contains "$scratch/err" "holds the C library of this machine"

# Refused.
refused() {
  ends 125 "$vgpuctl" cdi generate "${@:2}"
  contains "$scratch/err" "$1"
  [[ ! -s $scratch/out ]] || fail "half an answer: ${*:2}"
}
refused "did you mean 'a100'" --emulate a10
refused "each limit is meant for one" --memory 8GiB,4GiB
refused "it is left out" --memory 8GiB --image-preload /opt/own.so
refused "no profile" --profile nothing
refused "it is no UTF-8" --set $'A=\xff'
refused "did you mean --output?" --outptu x
ends 125 "$vgpuctl" cdi generate --output "$spec/below/a/file"
ends 0 "$vgpuctl" cdi generate --output "$scratch/new/directory/vgpu.json"
ends 125 "$vgpuctl" cdi
ends 125 "$vgpuctl" cdi generat
contains "$scratch/err" "did you mean generate?"

# diff: with the options that the file was made with, or with others.
generates --emulate a100:2 --image-preload /opt/own.so
ends 0 "$vgpuctl" cdi diff "$spec"
contains "$scratch/out" "is current"
ends 1 "$vgpuctl" cdi diff "$spec" --emulate a100:3
contains "$scratch/out" "device gpu2: VGPU_DEVICE_2"
contains "$scratch/out" "is        not there"
ends 1 "$vgpuctl" cdi diff --json "$spec" --emulate a100
[[ $(json "[x['where'] for x in d['differences'] if x['should'] is None]" <"$scratch/out") == "['device gpu1', 'device gpu1: VGPU_DEVICE_1']" ]] || fail "$(cat "$scratch/out")"
# The installation was moved.
cp -r "$build/share" "$scratch/share" && mkdir -p "$scratch/bin" "$scratch/lib"
cp "$build"/bin/{vgpu-run,vgpuctl} "$scratch/bin/" && cp -r "$build/lib/vgpu" "$scratch/lib/" && chmod -R go-w "$scratch/share" && chmod 755 "$scratch"
ends 1 "$scratch/bin/vgpuctl" cdi diff --json "$spec"
[[ $(json "sorted(x['where'] for x in d['differences'])" <"$scratch/out") == "['mount /usr/bin/vgpu-run: hostPath', 'mount /usr/lib/vgpu: hostPath', 'mount /usr/share/vgpu-run: hostPath']" ]] || fail "$(cat "$scratch/out")"
[[ $(json "d['verdict'], d['file']" <"$scratch/out") == "('does not hold', '$spec')" ]] || fail "$(cat "$scratch/out")"
# A shim was taken out.
python3 - "$scratch/share/vgpu-run/manifest.json" <<'PY'
import json, sys
manifest = json.load(open(sys.argv[1]))
manifest["profiles"][0]["shims"].remove("syscall")
json.dump(manifest, open(sys.argv[1], "w"))
PY
"$scratch/bin/vgpuctl" cdi generate --image-preload /opt/own.so --emulate a100:2 >"$scratch/moved"
"$scratch/bin/vgpuctl" cdi diff "$scratch/moved" >/dev/null || fail "a fresh one is stale"
cp "$build/share/vgpu-run/manifest.json" "$scratch/share/vgpu-run/"
ends 1 "$scratch/bin/vgpuctl" cdi diff "$scratch/moved"
contains "$scratch/out" "device preload: LD_PRELOAD"
# Somebody's own edits are told, not the order in which things stand.
python3 - "$spec" <<'PY'
import json, sys
spec = json.load(open(sys.argv[1]))
spec["devices"].reverse()
spec["containerEdits"]["mounts"].reverse()
json.dump(spec, open(sys.argv[1], "w"))
PY
ends 0 "$vgpuctl" cdi diff "$spec"
python3 - "$spec" <<'PY'
import json, sys
spec = json.load(open(sys.argv[1]))
spec["containerEdits"]["hooks"] = [{"hookName": "createContainer", "path": "/bin/true"}]
spec["containerEdits"]["mounts"][0]["options"].append("exec")
spec["cdiVersion"] = "0.6.0"
json.dump(spec, open(sys.argv[1], "w"))
PY
ends 1 "$vgpuctl" cdi diff --json "$spec"
[[ $(json "len(d['differences'])" <"$scratch/out") == 3 ]] || fail "$(cat "$scratch/out")"
ends 1 "$vgpuctl" cdi diff "$scratch/absent"
ends 2 "$vgpuctl" cdi diff "$scratch"
contains "$scratch/out" "cannot tell"
for text in '' 'rubbish' '[]' '{"devices":[' "$(printf '[%.0s' $(seq 20000))" '{"a":'"$(printf '[%.0s' $(seq 20000))$(printf ']%.0s' $(seq 20000))"'}'; do
  printf %s "$text" >"$scratch/bad"
  ends 1 "$vgpuctl" cdi diff "$scratch/bad"
  contains "$scratch/out" "it is no JSON object"
done
for text in '{}' '{"devices": 1, "containerEdits": []}' '{"devices": [1, {"name": []}, {"name": "gpu0", "containerEdits": {"env": [1], "mounts": [2]}}], "containerEdits": {"env": ["VGPU_CDI={}"]}}'; do
  printf %s "$text" >"$scratch/bad"
  ends 1 "$vgpuctl" cdi diff "$scratch/bad"
  contains "$scratch/out" "it differs in"
done
