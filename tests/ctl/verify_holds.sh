#!/usr/bin/env bash
# vgpuctl verify of healthy trees: every process, however it was started, and what it saw.
source "$(dirname "$0")/processes.sh"
cp "$stay" "$scratch/first"
cp "$stay" "$scratch/second"
cp "$stay" "$scratch/third"

shimmed 3 "$scratch/first" init 0 clean "$scratch/second" start "$scratch/third"
verified 0 "$pid"
for name in first second third; do
  says "$name" carries "all 6 shims, in the order"
  [[ $(member "$name" "(p['source'], p['class'], p['secure'], p['environment_says'])") == "('link-map', 64, False, True)" ]] ||
    fail "$name: $(member "$name" p)"
  [[ $(member "$name" "p['interpreter']") == /*/ld-linux-x86-64.so.2 ]] || fail "the interpreter"
done
contains "$scratch/out" "look-up   libvgpu-exec.so libvgpu-syscall.so libvgpu-cuda.so libvgpu-nvml.so libvgpu-cudart12.so libvgpu-cudart13.so"
contains "$scratch/out" "saw       device count 1 of 1, CUDA 13."
contains "$scratch/out" "holds: all 3 processes"
[[ $(member first "[len(p['carried']), p['cuda']['inits'], p['cuda']['result'], p['cuda']['device_count']]") == "[6, 1, 0, 1]" ]] ||
  fail "what it saw: $(member first "p['cuda']")"
[[ $(member second "p['cuda']['device_count']") == None ]] || fail "the second has not asked"
[[ $(member first "(p['exec']['active'], p['exec']['unshimmed'])") == "(True, 0)" ]] || fail "the record of libvgpu-exec"

# Both orders are those of the Plan.
"$vgpu_run" --dry-run --format=json -- "$scratch/first" >"$scratch/plan"
for order in "carried preload" "init_order init_order"; do
  [[ $(member first "p['${order% *}']") == "$(json "d['${order#* }']" <"$scratch/plan")" ]] || fail "$order: $(member first "p['${order% *}']"), and $(cat "$scratch/plan")"
done
end_all

# Through shells, and with an emptied environment.
shimmed 2 sh -c "\"$scratch/first\" & env -i \"$scratch/second\" & wait"
verified 0 "$pid"
says first carries
says second carries
end_all

# An option that asks for other shims than those that it was given.
shimmed 1 "$scratch/first"
verified 0 --profile default "$pid"
verified 1 --manifest "$(fixture && echo "$manifest")" "$pid"
says first missing "libgood.so is missing"
contains "$scratch/out" "started with other shims than those asked for"
verified 0 --profile none "$pid"
says first nothing-to-carry
end_all

# Without vgpu-run there is nothing.
begin 1 "$scratch/first"
verified 1 "$pid"
says first never-given
