#!/usr/bin/env bash
# Options and their twins as the target sees them.
source "$(dirname "$0")/../common.sh"

value() { sed -nz "s/^$1=//p" "$scratch/out" | tr -d '\0'; }

ends 0 "$vgpu_run" --set A=1 --set 'B=a b=c' -- env -0
[[ $(value A) == 1 && $(value B) == "a b=c" ]] || fail "--set: $(value A), $(value B)"
ends 0 env VGPU_RUN_SET=$'A=1\nB=2' "$vgpu_run" --set B=3 -- env -0
[[ $(value A) == 1 && $(value B) == 3 ]] || fail "VGPU_RUN_SET: $(value A), $(value B)"

ends 0 "$vgpu_run" --emulate a100:2 -- env -0
[[ $(value VGPU_DEVICE) == *a100*'|'*a100* ]] || fail "VGPU_DEVICE: $(value VGPU_DEVICE)"
ends 0 "$vgpu_run" env -0
[[ -z $(value VGPU_DEVICE) ]] || fail "the default device needs no variable: $(value VGPU_DEVICE)"
ends 0 env VGPU_RUN_PROFILE=none "$vgpu_run" env -0
[[ -z $(value LD_PRELOAD) ]] || fail "profile none: $(value LD_PRELOAD)"
ends 0 "$vgpu_run" --without nvml,cudart -- env -0
[[ $(value LD_PRELOAD) == *libvgpu-cuda.so ]] || fail "--without: $(value LD_PRELOAD)"

# -v tells on stderr and starts all the same; without it, nothing is said.
ends 7 "$vgpu_run" -v -- sh -c 'exit 7'
contains "$scratch/err" "libvgpu-cudart"
ends 7 "$vgpu_run" -- sh -c 'exit 7'
[[ ! -s $scratch/err ]] || fail "it talks: $(cat "$scratch/err")"

# PATH of --set is where the command is looked for, as env(1) does it.
mkdir "$scratch/bin"
printf '#!/bin/sh\necho found\n' >"$scratch/bin/only-here" && chmod +x "$scratch/bin/only-here"
ends 0 "$vgpu_run" --set "PATH=$scratch/bin:/usr/bin:/bin" only-here
contains "$scratch/out" found

# The arguments arrive word for word.
ends 0 "$vgpu_run" printf '%s|' '' ' ' $'a\nb' $'\xff' '--help' '*'
[[ $(cat "$scratch/out") == "| |a"$'\n'"b|"$'\xff'"|--help|*|" ]] || fail "arguments: $(cat "$scratch/out")"

# The manifest directory of the user is read, and a file in it can add a profile.
mkdir -p "$XDG_CONFIG_HOME/vgpu-run/manifest.d"
echo '{"version": 1, "profiles": [{"name": "quiet", "extends": "default", "match": ["env"], "environment": {"FROM_PROFILE": "yes"}}]}' \
  >"$XDG_CONFIG_HOME/vgpu-run/manifest.d/quiet.json"
ends 0 "$vgpu_run" env -0
[[ $(value FROM_PROFILE) == yes ]] || fail "the drop-in file was not read"

# --argv0: what the command is told that it is called; a shell says it.
[[ $("$vgpu_run" --profile none --argv0 'another name' -- /bin/sh -c 'tr "\0" "|" </proc/$$/cmdline; :') == 'another name|-c|'* ]] || fail "--argv0"
