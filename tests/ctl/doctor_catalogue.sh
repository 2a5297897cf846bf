#!/usr/bin/env bash
# Every failure has a page, --explain prints it as it stands in docs/catalogue, and vgpu-run and vgpuctl point to it.
source "$(dirname "$0")/common.sh"

ends 0 "$vgpuctl" doctor --list
mapfile -t ids < <(cut -d' ' -f1 "$scratch/out")
((${#ids[@]} >= 25)) || fail "only ${#ids[@]} failures"
[[ $(printf '%s\n' "${ids[@]}" | sort) == "$(cd "$source_dir/docs/catalogue" && printf '%s\n' * | sed 's/\.md$//' | sort)" ]] ||
  fail "the list is not that of the pages"
for id in "${ids[@]}"; do
  ends 0 "$vgpuctl" doctor --explain "$id"
  cmp -s "$scratch/out" "$source_dir/docs/catalogue/$id.md" || fail "--explain $id is not docs/catalogue/$id.md"
  [[ ! -s $scratch/err ]] || fail "on stderr: $(cat "$scratch/err")"
done

# What vgpu-run, its explanation and vgpuctl report leads to a page that there is.
linked() { # ID COMMAND...
  local id=$1
  shift
  "$@" >"$scratch/both" 2>&1 && fail "it holds: $*"
  grep -qF -e "see: vgpuctl doctor --explain $id" "$scratch/both" || fail "no link to $id:"$'\n'"$(cat "$scratch/both")"
}
linked usage "$vgpu_run"
linked usage "$vgpu_run" --nonsense true
linked usage env VGPU_RUN_SCOPE=everywhere "$vgpu_run" true
linked target-missing "$vgpu_run" no-such-command
linked target-missing "$vgpu_run" --explain no-such-command
linked manifest-unreadable "$vgpu_run" --manifest "$scratch/nowhere" true
linked device-unknown "$vgpuctl" check --emulate nothing true
linked usage "$vgpuctl" chek
status=0
"$vgpu_run" --help >/dev/full 2>"$scratch/both" || status=$?
contains "$scratch/both" "see: vgpuctl doctor --explain internal"

ends 125 "$vgpuctl" doctor --explain shim-mising
contains "$scratch/err" "there is no failure shim-mising"
contains "$scratch/err" "did you mean shim-missing?"
ends 125 "$vgpuctl" doctor --explain $'x\x1b[31m'
lacks "$scratch/err" $'\x1b'
ends 125 "$vgpuctl" doctor --explain
ends 125 "$vgpuctl" doctor --explain shim-missing --list
status=0
"$vgpuctl" doctor --list >/dev/full 2>"$scratch/err" || status=$?
((status == 125)) || fail "status $status with a full disk"
