#!/usr/bin/env bash
# Completion in a real zsh, typed at a prompt.
source "$(dirname "$0")/common.sh"
command -v zsh >/dev/null || skip "no zsh"
command -v python3 >/dev/null || skip "no python3"
mkdir -p "$scratch/dot"
cat >"$scratch/dot/.zshrc" <<RC
fpath=($build/share/zsh/site-functions \$fpath)
autoload -Uz compinit && compinit -u -d $scratch/zcompdump
shown() { printf '<<WORD:%s>>\n' "\${@:2}"; echo '<<''END>>'; }
zstyle ':completion:*' completer _all_matches _complete
zstyle ':completion:*' insert true
zstyle ':completion:*' old-matches false
bindkey -e
bindkey '^X^A' complete-word
unsetopt list_beep beep
PS1='> ' RPS1=
setopt no_prompt_cr no_prompt_sp
echo READY
RC
export ZDOTDIR=$scratch/dot
coproc typed { exec python3 -B "$here/type.py" zsh -i 2>"$scratch/type"; }
exec {to}>&"${typed[1]}" {from}<&"${typed[0]}"
# What stood in the line before the last word is no answer.
completions() {
  local word before
  read -ra before <<<"$1."
  printf '%s\n' "$1" >&"$to"
  while read -r word <&"$from" && [[ $word != . ]]; do echo "$word"; done | tail -n +$((${#before[@]} - 1))
  [[ ! -s $scratch/type ]] || fail "$(cat "$scratch/type")"
}
all_shells
answers 'vgpu-run --scope=n' --scope=namespace
answers "$build/bin/vgpu-run --profile oll" ollama
offers 'vgpu-run -- vgpu-run --profi' --profile
answers 'vgpuctl systemd remove ol' ollama.service
