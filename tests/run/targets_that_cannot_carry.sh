#!/usr/bin/env bash
# Targets that a preload cannot reach, made for real: refused before they are started, with what would help.
source "$(dirname "$0")/../common.sh"
command -v gcc >/dev/null || skip "no gcc"
printf 'int main(void) { return 3; }\n' >"$scratch/main.c"
program=$scratch/program

# refused STATUS CODE [COMMAND...]
refused() {
  local status=$1 code=$2
  shift 2
  (($#)) || set -- "$program"
  ends "$status" "$vgpu_run" -- "$@"
  contains "$scratch/err" "vgpu-run: $code: "
  contains "$scratch/err" "fix: "
  contains "$scratch/err" "see: vgpuctl doctor --explain $code"
  doctor_names "$code" "$vgpuctl" doctor --json -- "$@"
}
# unshimmed: with --allow-unshimmed it runs, and ld.so has nothing to complain about.
unshimmed() {
  ends "$1" "$vgpu_run" --allow-unshimmed -- "$program"
  ! grep -q "ERROR: ld.so" "$scratch/err" || fail "ld.so complains: $(cat "$scratch/err")"
}

gcc -static -o "$program" "$scratch/main.c"
refused 125 target-static
unshimmed 3

if command -v musl-gcc >/dev/null; then
  musl-gcc -o "$program" "$scratch/main.c"
  refused 125 target-other-libc
  unshimmed 3
fi
if gcc -m32 -o "$program" "$scratch/main.c" 2>/dev/null; then
  refused 125 target-wrong-class
  unshimmed 3
fi
gcc -o "$program" "$scratch/main.c"
ends 3 "$vgpu_run" -- "$program"

if ((EUID == 0)); then
  # As root nothing is gained by root's own set-user-ID; somebody else's makes the process secure.
  chmod 755 "$scratch"
  chown 65534 "$program" && chmod 4755 "$program"
  refused 125 target-secure
  chown root "$program" && chmod 4755 "$program"
  ends 3 "$vgpu_run" -- "$program"
  if others_reach; then
    status=0
    setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_CONFIG_HOME=/nonexistent "$vgpu_run" -- "$program" 2>"$scratch/err" || status=$?
    ((status == 125)) || fail "set-user-ID root, as nobody: status $status"
    contains "$scratch/err" "target-secure"
    doctor_names target-secure setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_CONFIG_HOME=/nonexistent "$vgpuctl" doctor --json -- "$program"
    chmod 755 "$program"
    if command -v setcap >/dev/null && setcap cap_net_raw+ep "$program" 2>/dev/null; then
      status=0
      setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_CONFIG_HOME=/nonexistent "$vgpu_run" -- "$program" 2>"$scratch/err" || status=$?
      ((status == 125)) || fail "file capabilities: status $status"
      contains "$scratch/err" "target-secure"
      contains "$scratch/err" "AmbientCapabilities"
      setcap -r "$program"
    fi
  fi
  mkdir "$scratch/noexec"
  # shellcheck disable=SC2016
  on_noexec() { # COMMAND OPTION...
    unshare --mount sh -ec 'mount -t tmpfs -o noexec none "$1/noexec"; cp "$1/program" "$1/noexec/"; program=$1/noexec/program; shift
      exec "$@" -- "$program"' sh "$scratch" "$@"
  }
  ends 126 on_noexec "$vgpu_run"
  contains "$scratch/err" "target-noexec-mount"
  doctor_names target-noexec-mount on_noexec "$vgpuctl" doctor --json
fi

# Another machine's program, a damaged one, an ELF header and nothing else.
python3 - "$program" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(18); f.write((183).to_bytes(2, "little"))  # e_machine: EM_AARCH64
PY
refused 126 target-wrong-machine
printf '\177ELF' >"$program"
refused 126 target-invalid
chmod +x "$scratch/main.c"
head -c 4096 /dev/urandom | tr -d '#' >"$program"
printf '\0' | cat - "$program" >"$scratch/binary" && chmod +x "$scratch/binary"
refused 126 target-invalid "$scratch/binary"

# A dynamic linker that is not there: the kernel's ENOENT is told as what it is, and PATH is searched on, as execvp does.
mkdir "$scratch/first" "$scratch/second"
gcc -o "$scratch/first/twice" "$scratch/main.c" -Wl,--dynamic-linker=/no/such/ld.so
refused 127 target-interpreter-missing "$scratch/first/twice"
gcc -o "$scratch/second/twice" "$scratch/main.c"
ends 3 "$vgpu_run" --set "PATH=$scratch/first:$scratch/second:$PATH" twice

# Scripts: through several levels and env to the program behind.
script() { printf "$2" >"$scratch/$1" && chmod +x "$scratch/$1"; }
gcc -static -o "$program" "$scratch/main.c"
script one "#!$program\n"
refused 125 target-static "$scratch/one"
script two "#!$scratch/one\n"
refused 125 target-static "$scratch/two"
script env "#!/usr/bin/env -S A=1 $program -x\n"
refused 125 target-static "$scratch/env"
script loop "#!$scratch/loop\n"
refused 126 target-script-loop "$scratch/loop"
script dos "#!/bin/sh\r\n"
refused 127 target-interpreter-missing "$scratch/dos"
contains "$scratch/err" "carriage return"
script words "#!/usr/bin/env sh -e\n"
refused 127 target-missing "$scratch/words"
contains "$scratch/err" "env -S"
script fine '#!/usr/bin/env -S bash -e\nexit 5\n'
ends 5 "$vgpu_run" "$scratch/fine"
script nothing 'exit 6\n'
ends 6 "$vgpu_run" "$scratch/nothing"

# What is no program at all.
refused 127 target-missing no-such-command
refused 126 target-is-directory "$scratch"
echo text >"$scratch/text"
refused 126 target-not-executable "$scratch/text"
