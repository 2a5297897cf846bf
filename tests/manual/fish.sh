#!/usr/bin/env bash
# Completion in a real fish.
source "$(dirname "$0")/common.sh"
command -v fish >/dev/null || skip "no fish"
completions() {
  fish --no-config -c "for file in $build/share/fish/vendor_completions.d/*.fish; source \$file; end; complete -C '$1'" 2>"$scratch/err" | cut -f 1
  [[ ! -s $scratch/err ]] || fail "fish, behind '$1': $(cat "$scratch/err")"
}
all_shells
answers 'vgpu-run --scope=n' --scope=namespace
answers "$build/bin/vgpu-run --profile oll" ollama
offers 'vgpu-run -- vgpu-run --profi' --profile
# Behind the command nothing of ours.
completions 'vgpu-run -- true --em' >"$scratch/offered"
! grep -q emulate "$scratch/offered" || fail "our option behind the command: $(cat "$scratch/offered")"
