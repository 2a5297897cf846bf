#!/usr/bin/env bash
# The three files that docs/manifest.md shows do what it says: a library of another project takes part by one file.
source "$(dirname "$0")/common.sh"
fixture
directory=$XDG_CONFIG_HOME/vgpu-run/manifest.d
mkdir -p "$directory"

# drop_in NUMBER LIBRARY: the page's example of that number, with a library of ours behind it.
drop_in() {
  rm -f "$directory"/*
  python3 - "$source_dir/docs/manifest.md" "$1" "$2" >"$directory/50-example.json" <<'PY'
import json, re, sys
page, number, library = open(sys.argv[1], encoding="utf-8").read(), int(sys.argv[2]), sys.argv[3]
manifest = json.loads(re.findall(r"^```json\n(.*?)^```", page, re.M | re.S)[number])
manifest["shims"][0]["library"] = library
json.dump(manifest, sys.stdout)
PY
}

# order WORDS...: the names of the shims in look-up order.
order() {
  "$vgpuctl" explain --json "$@" >"$scratch/plan" || true
  json '" ".join(dict.fromkeys(shim["name"] for shim in d["shims"]))' <"$scratch/plan"
}
is() { [[ $1 == "$2" ]] || fail "the order is '$1', not '$2'"; }

is "$(order true)" "exec syscall cuda nvml cudart"
drop_in 0 "$scratch/fixture/libgood.so"
is "$(order true)" "exec syscall hami-core cuda nvml cudart"
is "$(order ollama)" "exec syscall hami-core cuda nvml cudart"
is "$(order --without cuda-driver,cuda-runtime true)" "exec syscall hami-core nvml"

echo 'int vgpu_test_asan;' | ${CC:-cc} -shared -fPIC -nostdlib -Wl,-soname,libasan.so.8 -x c - -o "$scratch/fixture/libasan.so.8"
drop_in 1 "$scratch/fixture/libasan.so.8"
is "$(order true)" "exec syscall cuda nvml cudart"
is "$(order --profile asan true)" "asan exec syscall cuda nvml cudart"
[[ $(json 'd["environment"]["ASAN_OPTIONS"]' <"$scratch/plan") == detect_leaks=0 ]] || fail "no ASAN_OPTIONS"
rm "$directory"/*
is "$(order --set "LD_PRELOAD=$scratch/fixture/libgood.so:$scratch/fixture/libasan.so.8" true)" "libgood.so libasan.so.8 exec syscall cuda nvml cudart"
is "$(order --set "LD_PRELOAD=$scratch/fixture/libasan.so.8:$scratch/fixture/libgood.so" true)" "libasan.so.8 exec syscall cuda nvml cudart libgood.so"

drop_in 2 "$scratch/fixture/libgood.so"
is "$(order true)" "exec syscall cuda nvml cudart jemalloc"
drop_in 2 "$scratch/fixture/not-installed.so"
is "$(order true)" "exec syscall cuda nvml cudart"
[[ $(json '[p["severity"] for p in d["problems"] if "not-installed" in p["where"]]' <"$scratch/plan") == "['warning']" ]] ||
  fail "no warning: $(cat "$scratch/plan")"

# Taken away again, nothing is left of it.
rm "$directory"/*
is "$(order true)" "exec syscall cuda nvml cudart"
