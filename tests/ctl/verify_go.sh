#!/usr/bin/env bash
# vgpuctl verify of a Go server and the runner that it starts with an environment of its own: carried by libvgpu-syscall, and
# not without it.
source "$(dirname "$0")/processes.sh"
server=$build/tests/propagation/spawn_pie
[[ -x $server ]] || skip "go"
cp "$stay" "$scratch/runner"

shimmed 1 "$server" command "$scratch/runner" init 0
verified 0 "$pid"
says runner carries
[[ $(member spawn_pie "(p['syscall']['state'], p['syscall']['runtime'][:5], p['syscall']['taken'] > 0)") == "('active', 'go go', True)" ]] ||
  fail "what libvgpu-syscall wrote down: $(member spawn_pie "p['syscall']")"
contains "$scratch/out" "device count 1 of 1"
end_all

begin 1 "$vgpu_run" --without syscall -- "$server" command "$scratch/runner"
verified 1 "$pid"
says spawn_pie carries "all 5 shims"
says runner environment-cleaned "(spawn_pie), by an exec that went past libvgpu-exec and libvgpu-syscall"
