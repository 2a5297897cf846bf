#!/usr/bin/env bash
# vgpu-run as the entrypoint: it becomes the program, which is process 1 and gets the signals; with the C libraries of Debian 11,
# of this machine and of sid; and it refuses what cannot carry shims: a static busybox, musl.
source "$(dirname "$0")/common.sh"
containers
generate
tools=(-v "$(command -v busybox):/opt/busybox:ro")
launched=(--device vgpu.dev/gpu=gpu0 --entrypoint '["/usr/bin/vgpu-run","--"]')

# debian NAME ROOT: a shell of that release is process 1, has its shims, starts children that have them, hears SIGTERM.
debian() {
  local name=$1 root=$2 pid begin took
  image "$name" "$root"
  podman run --rm "${launched[@]}" "$name" sh -c 'echo "$$ $LD_PRELOAD"; env -i sh -c "echo child \$LD_PRELOAD" 2>/dev/null || sh -c "echo child \$LD_PRELOAD"
    while read -r line; do case $line in *libvgpu-cuda.so) echo mapped; break ;; esac; done </proc/self/maps' >"$scratch/out" 2>"$scratch/err" || fail "$name: $(cat "$scratch/out" "$scratch/err")"
  [[ ! -s $scratch/err ]] || fail "$name: the dynamic linker complains: $(cat "$scratch/err")"
  contains "$scratch/out" "1 /usr/lib/vgpu/libvgpu-exec.so:"
  contains "$scratch/out" "child /usr/lib/vgpu/libvgpu-exec.so:"
  contains "$scratch/out" "mapped"
  # A shell that waits hears a signal at once. As process 1 it gets it only because it asked for it.
  podman run -d --name "$name-1" "${tools[@]}" "${launched[@]}" "$name" sh -c 'trap "echo heard; exit 42" TERM; echo up; /opt/busybox sleep 60 & wait' >/dev/null
  for ((i = 0; i < 200; i++)); do podman logs "$name-1" 2>&1 | grep -q up && break; sleep 0.05; done
  pid=$(podman inspect --format '{{.State.Pid}}' "$name-1")
  begin=${EPOCHREALTIME/./}
  kill -TERM "$pid"
  for ((i = 0; i < 3000; i++)); do [[ -e /proc/$pid && $(<"/proc/$pid/stat") != *") Z "* ]] 2>/dev/null || break; sleep 0.001; done
  took=$(((${EPOCHREALTIME/./} - begin) / 1000))
  [[ $(podman wait "$name-1") == 42 ]] || fail "$name: SIGTERM: $(podman inspect --format '{{.State.ExitCode}}' "$name-1"), $(podman logs "$name-1" 2>&1)"
  ((took < 3000)) || fail "$name: SIGTERM took $took ms"
  podman rm --force --time 0 "$name-1" >/dev/null
  echo "ok: $name, SIGTERM heard and gone in $took ms"
}

# A root of packages that were unpacked, with the links that their installation would have made.
unpacked() {
  local fetched
  fetched=$("$here/../real/fetch" "$1") || return $?
  mkdir -p "/run/test/$1"/{tmp,proc,dev,sys}
  (cd "$fetched" && cp -a --parents $(ls -d bin lib lib64 usr/bin usr/lib usr/lib64 2>/dev/null) "/run/test/$1")
  rm -rf "/run/test/$1"/{usr/,}lib/x86_64-linux-gnu/gconv
  for name in bin lib lib64; do [[ -e /run/test/$1/$name ]] || ln -s "usr/$name" "/run/test/$1/$name"; done
}
unpacked glibc2.31 || exit $?
debian debian11 /run/test/glibc2.31
glibc_root /run/test/here
debian here /run/test/here
status=0
(CI='' unpacked glibc2.43) >"$scratch/out" 2>&1 || status=$? # a package of sid is replaced every few weeks, and then no longer to be had
if ((status == 0)); then debian sid /run/test/glibc2.43; else cat "$scratch/out"; fi

# Its exit status is the program's, and what stops it is vgpu-run's own.
ends 7 podman run --rm "${launched[@]}" here sh -c 'exit 7'
ends 127 podman run --rm "${launched[@]}" here no-such-program

# refused NAME CODE COMMAND...: status 125 with the cause; with --allow-unshimmed, or without shims, it runs.
refused() {
  local name=$1 code=$2
  shift 2
  ends 125 podman run --rm "${launched[@]}" "$name" "$@"
  contains "$scratch/err" "vgpu-run: $code: $1: "
  contains "$scratch/err" "  fix: "
  for unshimmed in VGPU_RUN_ALLOW_UNSHIMMED=1 VGPU_RUN_PROFILE=none; do
    ends 0 podman run --rm -e "$unshimmed" "${launched[@]}" "$name" "$@"
    contains "$scratch/out" "hello"
  done
}
refused busybox target-static /bin/busybox echo hello
# musl: a program of its own, and the loader that its dynamic programs name.
command -v musl-gcc >/dev/null || skip "there is no musl-gcc"
printf '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n' >"$scratch/hello.c"
mkdir -p /run/test/musl/{bin,lib,tmp,proc,dev,sys}
musl-gcc -o /run/test/musl/bin/hello "$scratch/hello.c"
loader=$(patchelf --print-interpreter /run/test/musl/bin/hello)
install "$(readlink -f "$loader")" "/run/test/musl$loader"
image musl /run/test/musl
refused musl target-other-libc /bin/hello
# What needs no libc goes into musl programs, too: the fix that it names.
fix=$(sed -n 's/.*or run it with --without \([a-z,]*\)$/\1/p' <(podman run --rm "${launched[@]}" musl /bin/hello 2>&1 || true))
[[ -n $fix ]] || fail "no --without in the fix"
ends 0 podman run --rm -e VGPU_RUN_WITHOUT=$fix "${launched[@]}" musl /bin/hello
contains "$scratch/out" "hello"
