#!/usr/bin/env bash
# Everything that a hand-written launch got wrong, on purpose: the manifest lists the shims in a bad order, the user's old
# LD_PRELOAD lacks one of them, or has them in a bad order. The order is computed, so `ollama serve` finds one GPU each time.
source "$(dirname "$0")/bundle.sh"
bundle 13

# A manifest with the same statements, its shims in the order exec, nvml, cudart, cuda, and then the one nobody thought of.
bad=$scratch/bad/share/vgpu-run/manifest.json
mkdir -p "$(dirname "$bad")"
cp -r "$build/share/vgpu-run/." "$scratch/bad/share/vgpu-run/"
ln -s "$build/lib" "$scratch/bad/lib"
python3 - "$build/share/vgpu-run/manifest.json" "$bad" <<'PY'
import json, sys
manifest = json.load(open(sys.argv[1]))
order = ["exec", "nvml", "cudart", "cuda", "syscall"]
manifest["shims"].sort(key=lambda shim: order.index(shim["name"].removesuffix("-slice")))
json.dump(manifest, open(sys.argv[2], "w"))
PY

shim() { find "$build/lib/vgpu" -maxdepth 1 -name "libvgpu-$1*.so" ! -name '*-slice.so' | sort | paste -sd:; }

# finds_one WHAT COMMAND...: the order is right in the Plan and in the environment of what is started, and one GPU is found.
finds_one() {
  local what=$1
  shift
  "$@" --dry-run --format=json -- "$ollama" serve >"$scratch/plan" || fail "$what: no plan"
  order=$(json '" ".join(dict.fromkeys(__import__("re").sub(r".*libvgpu-([a-z]*).*", r"\1", p) for p in d["preload"]))' <"$scratch/plan")
  [[ $order == "exec syscall cuda nvml cudart" ]] || fail "$what: the order is $order"
  "$@" -- /bin/sh -c 'echo "$LD_PRELOAD"' >"$scratch/preload"
  files=$(tr ':' '\n' <"$scratch/preload" | xargs stat -L -c %i | wc -l)
  inodes=$(tr ':' '\n' <"$scratch/preload" | xargs stat -L -c %i | sort -u | wc -l)
  ((files == inodes)) || fail "$what: a library stands twice in $(cat "$scratch/preload")"
  "$@" -- "$ollama" serve --once 2>"$scratch/log" || fail "$what: status $?:"$'\n'"$(cat "$scratch/log")"
  finds 1 h100 "$scratch/log"
  printf 'one GPU: %s\n' "$what"
}

without_syscall=$(shim exec):$(shim cuda):$(shim nvml):$(shim cudart)
reversed=$(shim cudart):$(shim nvml):$(shim cuda):$(shim exec)
finds_one "shims in a bad order in the manifest" "$vgpu_run" --manifest "$bad"
finds_one "an old LD_PRELOAD without syscall" env LD_PRELOAD="$without_syscall" "$vgpu_run"
finds_one "an old LD_PRELOAD in a bad order" env LD_PRELOAD="$reversed:$(shim syscall)" "$vgpu_run"
finds_one "all of it" env LD_PRELOAD="$reversed" VGPU_RUN_MANIFEST="$bad" "$vgpu_run"
