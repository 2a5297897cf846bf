#!/usr/bin/env bash
# Completion in a real bash: the words that it offers behind a line, with the package bash-completion and without it.
source "$(dirname "$0")/common.sh"
script=$build/share/bash-completion/completions/vgpu-run

# The line as readline would hand it over, and what then stands in it for each reply: readline replaces what is behind the last
# '=' or ':' only.
cat >"$scratch/ask" <<'ASK'
[[ ! $3 ]] || source "$3"
source "$1"
compopt() { :; }
COMP_LINE=$2 COMP_POINT=${#2}
mapfile -t COMP_WORDS < <(grep -oE '[^ =:]+|[=:]' <<<"$2")
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
typed=${COMP_WORDS[COMP_CWORD]}
[[ $typed != [=:] ]] || typed=
kept=${2%"$typed"}
kept=${kept##* }
_vgpu
for reply in "${COMPREPLY[@]}"; do printf '%s\n' "$kept$reply"; done
ASK
completions() { bash --norc "$scratch/ask" "$script" "$1" "$with"; }

for with in '' /usr/share/bash-completion/bash_completion; do
  [[ -z $with || -e $with ]] || skip "no bash-completion"
  all_shells
  answers 'vgpu-run --scope=n' --scope=namespace
  answers 'vgpu-run --scope=' --scope=inherit --scope=exec --scope=namespace
  answers 'vgpu-run --emulate=h100:2,rt' --emulate=h100:2,rtx4090
  answers 'vgpu-run --emulate h100:2,rt' h100:2,rtx4090
  answers "$build/bin/vgpu-run --profile oll" ollama
  answers 'vgpu-run --argv0 '
  answers 'vgpuctl systemd remove ol' ollama.service
done
offers 'vgpu-run -- vgpu-run --profi' --profile  # as the command behind it is completed

# A profile of the user's own is offered: the names come from the manifest, not from the day the script was made.
mkdir -p "$XDG_CONFIG_HOME/vgpu-run/manifest.d"
chmod -R go-w "$XDG_CONFIG_HOME"
echo '{"version": 1, "profiles": [{"name": "mine", "shims": []}]}' >"$XDG_CONFIG_HOME/vgpu-run/manifest.d/mine.json"
answers 'vgpu-run --profile m' mine
rm -r "$XDG_CONFIG_HOME/vgpu-run"

# Typed at a prompt: readline hands the words over, and puts the reply into the line.
command -v python3 >/dev/null || skip "no python3"
cat >"$scratch/rc" <<RC
source $script
shown() { printf '<<WORD:%s>>\n' "\${@:2}"; echo '<<''END>>'; }
bind '"\C-x\C-a": insert-completions'
bind 'set enable-bracketed-paste off'
PS1='> '
echo READY
RC
typed() { printf '%s\n' "$1" | python3 -B "$here/type.py" bash --rcfile "$scratch/rc" -i; }
[[ $(typed 'vgpu-run --em') == "--emulate"$'\n'. ]] || fail "typed: $(typed 'vgpu-run --em')"
[[ $(typed 'vgpu-run --emulate=h100:2,rt') == "--emulate=h100:2,rtx4090"$'\n'. ]] || fail "typed: $(typed 'vgpu-run --emulate=h100:2,rt')"
[[ $(typed 'vgpuctl systemd ') == *install* ]] || fail "typed: $(typed 'vgpuctl systemd ')"
[[ $(typed 'vgpu-run --manifest tw') == "--manifest"$'\n'"two words.json"$'\n'. ]] || fail "typed: $(typed 'vgpu-run --manifest tw')"
