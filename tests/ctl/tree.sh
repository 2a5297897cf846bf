#!/usr/bin/env bash
# vgpuctl tree: who carries what, why others do not, as text, as a graph, and as JSON.
source "$(dirname "$0")/processes.sh"
cp "$stay" "$scratch/runner"
cp "$stay" "$scratch/off"
cp "$stay" "$scratch/raw"
$compiler -static -DSTATIC -o "$scratch/static" "$here/stay.c"

shimmed 5 "$stay" start "$scratch/runner" start "$scratch/static" raw "$scratch/raw" only VGPU_EXEC=off "$scratch/off"
all="exec syscall cuda nvml cudart12 cudart13"
ends 0 "$vgpuctl" tree "$pid"
lines=$(sed -E 's/[0-9]+ (stay|runner|off|static|raw)/\1/; s/parent [0-9]+/parent/' "$scratch/out")
[[ $lines == "stay: $all
\`-- runner: $all
    \`-- static: none (its environment says yes, its link map says no: it is statically linked, so no dynamic linker runs in it)
        \`-- raw: none (its environment was cleaned by its parent (static), which is statically linked and carries nothing on)
            \`-- off: none (it was started with VGPU_EXEC=off: it was left out on purpose)" ]] ||
  fail "the tree:"$'\n'"$(cat "$scratch/out")"

# Without a process: everything that has to do with us, from the topmost down, and nothing else.
ends 0 "$vgpuctl" tree
grep -q "^$pid stay: $all" "$scratch/out" || fail "not among all: $(cat "$scratch/out")"
lacks "$scratch/out" "$$ "

ends 0 "$vgpuctl" tree --dot "$pid"
[[ $(head -1 "$scratch/out") == "digraph vgpu {" && $(tail -1 "$scratch/out") == "}" ]] || fail "$(cat "$scratch/out")"
(($(grep -c -- '->' "$scratch/out") == 4)) || fail "edges: $(cat "$scratch/out")"
(($(grep -c 'palegreen' "$scratch/out") == 3 && $(grep -c 'lightpink' "$scratch/out") == 2)) || fail "colours: $(cat "$scratch/out")"
if command -v dot >/dev/null; then dot -Tsvg <"$scratch/out" >/dev/null || fail "dot does not take it"; fi

ends 0 "$vgpuctl" tree --json "$pid"
[[ $(json "[(p['name'], p['finding']) for p in d['processes']]" <"$scratch/out") == \
  "[('stay', 'carries'), ('runner', 'carries'), ('static', 'static'), ('raw', 'environment-cleaned'), ('off', 'left-out')]" ]] || fail "$(cat "$scratch/out")"
end_all

ends 2 "$vgpuctl" tree "$pid"
contains "$scratch/out" "there is no such process"
for words in "0" "x" "1 2" "--dot --json" "--no-such"; do
  # shellcheck disable=SC2086
  ends 125 "$vgpuctl" tree $words
done
