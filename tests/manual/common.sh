# shellcheck shell=bash
# Sourced by the tests of completion, which speak to real shells.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../common.sh"
export PATH=$build/bin:$PATH HOME=$scratch LC_ALL=C.UTF-8
mkdir -p "$scratch/here"
cd "$scratch/here"
: >one.json
: >'two words.json'
mkdir folder

# answers LINE WORD...: behind LINE the shell offers exactly these words, in any order.
answers() {
  local line=$1
  shift
  completions "$line" | sed 's/ *$//' | sort >"$scratch/offered"
  { (($# == 0)) || printf '%s\n' "$@"; } | sort >"$scratch/wanted"
  diff "$scratch/wanted" "$scratch/offered" >"$scratch/diff" || fail "behind '$line':"$'\n'"$(cat "$scratch/diff")"
}
# offers LINE WORD...: these words are among what is offered.
offers() {
  local line=$1 word
  shift
  completions "$line" | sed 's/ *$//' >"$scratch/offered"
  for word in "$@"; do grep -qxF -e "$word" "$scratch/offered" || fail "behind '$line' there is no '$word':"$'\n'"$(cat "$scratch/offered")"; done
}

# Two services, on whatever machine this runs.
mkdir "$scratch/bin"
printf '#!/bin/sh\necho "ollama.service enabled enabled"\necho "other.service static -"\n' >"$scratch/bin/systemctl"
chmod +x "$scratch/bin/systemctl"
PATH=$scratch/bin:$PATH

devices=$("$build/bin/vgpuctl" list devices | cut -f 1)
profiles=$("$build/bin/vgpuctl" list profiles | cut -f 1)
subcommands=$("$build/bin/vgpuctl" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
[[ $devices == *h100* && $profiles == *ollama* && $subcommands == *explain* ]] || fail "vgpuctl list: $devices, $profiles, $subcommands"

# What every shell must know; what differs is in the shell's own file.
all_shells() {
  answers 'vgpu-run --em' --emulate
  # shellcheck disable=SC2086
  answers 'vgpu-run --emulate ' $devices
  answers 'vgpu-run --emulate h100,l' h100,l4 h100,l40s
  # shellcheck disable=SC2086
  answers 'vgpu-run --profile ' $profiles
  answers 'vgpu-run --profile oll' ollama
  answers 'vgpu-run --emulate a100 --scope ' inherit exec namespace
  offers 'vgpu-run -' --with --without --help
  answers 'vgpu-run --manifest o' one.json
  offers 'vgpu-run -- tru' true truncate
  offers 'vgpu-run --emulate a100 -v tru' true truncate
  offers 'vgpu-run cat o' one.json
  # shellcheck disable=SC2086
  offers 'vgpuctl ' $subcommands
  answers 'vgpuctl systemd ' check install remove
  answers 'vgpuctl systemd install --sty' --style
  answers 'vgpuctl systemd install --style ' wrap environment
  answers 'vgpuctl list ' devices profiles shims
  answers 'vgpuctl explain --profile n' none
  offers 'vgpuctl check --profile none tru' true truncate
  offers 'vgpuctl verify -- tru' true truncate
  offers 'vgpuctl verify --un' --unit
  answers 'vgpu-probe --r' --runner
}
