#!/usr/bin/env bash
# Each way in which ld.so would pass a shim over, or die of it, provoked with a real file: refused with status 125 before
# anything is started, each with its own code. What ld.so itself makes of the same file is shown beside it.
source "$(dirname "$0")/../common.sh"
command -v gcc >/dev/null || skip "no gcc"

shim=$scratch/libshim.so
manifest() { # EXTRA-FIELDS
  cat >"$scratch/manifest.json" <<JSON
{"version": 1, "shims": [{"name": "shim", "library": "$shim" ${1:-}}],
 "profiles": [{"name": "default", "shims": ["shim"]}]}
JSON
}

# refused CODE: the launch is, nothing was started; --allow-unshimmed starts the program without the shim, and says so.
refused() {
  ends 125 "$vgpu_run" --manifest "$scratch/manifest.json" -- touch "$scratch/started"
  [[ ! -e $scratch/started ]] || fail "$1: the command was started"
  contains "$scratch/err" "vgpu-run: $1: "
  contains "$scratch/err" "fix: "
  contains "$scratch/err" "see: vgpuctl doctor --explain $1"
  doctor_names "$1" "$vgpuctl" doctor --json --manifest "$scratch/manifest.json" -- touch "$scratch/started"
  ends 0 "$vgpu_run" --manifest "$scratch/manifest.json" --allow-unshimmed -- env
  contains "$scratch/err" "warning: $1: "
  lacks "$scratch/out" "libshim.so"
  printf '%s: alone, ld.so says: %s\n' "$1" "$(LD_PRELOAD=$shim /bin/true 2>&1 | head -n 1)"
  rm -rf "$shim"
}
library() { gcc -shared -fPIC -x c -o "$shim" "$@" - <<<"int shim_value;"; }

manifest
rm -f "$shim"
refused shim-missing
mkdir "$shim"
refused shim-is-directory
echo "version https://git-lfs.github.com/spec/v1" >"$shim"
refused shim-not-elf
head -c 100 "$build/lib/vgpu/libvgpu-exec.so" >"$shim"
refused shim-not-elf
gcc -x c -c -fPIC -o "$shim" - <<<"int shim_value;"
refused shim-not-shared-object
gcc -x c -o "$shim" - <<<"int main(void) { return 0; }"
refused shim-not-shared-object

library -Wl,--no-as-needed -Wl,-soname,libgone.so
mv "$shim" "$scratch/libgone.so"
gcc -shared -fPIC -o "$shim" -Wl,--no-as-needed -x c - -x none "$scratch/libgone.so" <<<"int shim_value;"
rm "$scratch/libgone.so"
refused shim-needs-library

# A libc.so.6 of the future to link against: a symbol of version GLIBC_2.99.
mkdir "$scratch/future"
echo 'int future_function(void) { return 0; }' | gcc -shared -fPIC -nostdlib -x c -Wl,-soname,libc.so.6 \
  -Wl,--version-script=<(echo 'GLIBC_2.99 { future_function; };') -o "$scratch/future/libc.so.6" -
echo 'extern int future_function(void); int shim_call(void) { return future_function(); }' >"$scratch/needs.c"
gcc -shared -fPIC -nostdlib -o "$shim" "$scratch/needs.c" "$scratch/future/libc.so.6"
refused shim-needs-newer-glibc

manifest ', "sonames": ["libpromised.so.1"]'
library -Wl,-soname,libother.so.1
refused shim-lacks-soname
manifest ', "sonames": [{"name": "libpromised.so.1", "versions": ["NODE_1"]}]'
library -Wl,-soname,libpromised.so.1
refused shim-lacks-version
manifest
if echo 'int main(void) { return 0; }' | gcc -m32 -x c -o "$scratch/probe32" - 2>/dev/null; then
  library -m32
  refused shim-wrong-class
fi
if command -v musl-gcc >/dev/null; then
  echo 'int puts(const char *); int shim_call(void) { return puts(""); }' | musl-gcc -shared -fPIC -x c -o "$shim" -
  refused shim-wrong-libc
fi
if command -v patchelf >/dev/null; then
  library
  python3 - "$shim" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(18); f.write((183).to_bytes(2, "little"))  # e_machine: EM_AARCH64
PY
  refused shim-wrong-machine
fi

# Rights: as root nothing is unreadable, so an unprivileged user asks.
library
if ((EUID == 0)); then
  chmod 755 "$scratch"
  chmod 600 "$shim"
  if others_reach; then
    status=0
    setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_CONFIG_HOME=/nonexistent "$vgpu_run" --manifest "$scratch/manifest.json" \
      -- true 2>"$scratch/err" || status=$?
    ((status == 125)) || fail "an unreadable shim: status $status"
    contains "$scratch/err" "shim-unreadable"
    doctor_names shim-unreadable setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_CONFIG_HOME=/nonexistent "$vgpuctl" doctor --json \
      --manifest "$scratch/manifest.json" -- true
  fi
  chmod 666 "$shim"
  refused shim-untrusted
  library
  chown 65534 "$shim"
  refused shim-untrusted
  # A file system without PROT_EXEC, in a mount namespace of its own.
  mkdir "$scratch/noexec"
  # shellcheck disable=SC2016
  on_noexec() { # COMMAND OPTION...
    unshare --mount sh -ec 'mount -t tmpfs -o noexec none "$1/noexec"; cp "$2" "$1/noexec/libshim.so"
      sed "s|$1/libshim.so|$1/noexec/libshim.so|" "$1/manifest.json" >"$1/noexec.json"; manifest=$1/noexec.json; shift 2; exec "$@" --manifest "$manifest" -- true' \
      sh "$scratch" "$build/lib/vgpu/libvgpu-exec.so" "$@"
  }
  ends 125 on_noexec "$vgpu_run"
  contains "$scratch/err" "shim-noexec-mount"
  doctor_names shim-noexec-mount on_noexec "$vgpuctl" doctor --json
fi

# An optional shim that would not load is left out with a warning.
manifest ', "required": false'
rm -f "$shim"
ends 0 "$vgpu_run" --manifest "$scratch/manifest.json" -- env
contains "$scratch/err" "warning: shim-missing"
lacks "$scratch/out" "libshim.so"
