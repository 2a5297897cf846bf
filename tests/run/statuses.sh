#!/usr/bin/env bash
# Exit statuses are those of env(1): 125 our own failure, 126 found but not executable, 127 not found, else the command's.
source "$(dirname "$0")/../common.sh"

ends 0 "$vgpu_run" true
ends 1 "$vgpu_run" false
ends 42 "$vgpu_run" -- sh -c 'exit 42'
ends 137 sh -c '"$0" -- sh -c "kill -9 \$\$"; exit $?' "$vgpu_run"

ends 127 "$vgpu_run" no-such-command
contains "$scratch/err" "target-missing"
contains "$scratch/err" "fix: "
ends 127 "$vgpu_run" ./no-such-command
printf '#!/no/such/interpreter\n' >"$scratch/script" && chmod +x "$scratch/script"
ends 127 "$vgpu_run" "$scratch/script"
contains "$scratch/err" "target-interpreter-missing"

ends 126 "$vgpu_run" /etc
contains "$scratch/err" "target-is-directory"
echo text >"$scratch/plain"
ends 126 "$vgpu_run" "$scratch/plain"
contains "$scratch/err" "target-not-executable"

ends 125 "$vgpu_run"
contains "$scratch/err" "there is no command to run"
ends 125 "$vgpu_run" --nonsense true
ends 125 "$vgpu_run" --manifest "$scratch/none.json" true
contains "$scratch/err" "manifest-unreadable"
ends 125 "$vgpu_run" --profile nobody true
ends 125 "$vgpu_run" --emulate h10O true
contains "$scratch/err" "did you mean 'h100'?"

# Without a start the status is that of the start that would have been.
ends 0 "$vgpu_run" --dry-run true
ends 127 "$vgpu_run" --dry-run no-such-command
ends 127 "$vgpu_run" --explain no-such-command
ends 125 "$vgpu_run" --dry-run --format=json --emulate nothing true
[[ $(json 'd["problems"][0]["code"]' <"$scratch/out") == device-unknown ]] || fail "no code in the JSON"

# What was asked for and cannot be written is a failure.
for option in --help --version --dry-run; do
  status=0
  "$vgpu_run" "$option" true >/dev/full 2>"$scratch/err" || status=$?
  ((status == 125)) || fail "status $status of $option into a full disk"
  contains "$scratch/err" "No space left on device"
done
# A command is started although nobody reads our messages.
ends 0 sh -c '"$0" --allow-unshimmed true 2>&-' "$vgpu_run"
