#!/usr/bin/env bash
# What the user preloads already keeps its order and its place behind ours; a sanitizer's runtime stays in front, and its
# program runs.
source "$(dirname "$0")/../common.sh"
command -v gcc >/dev/null || skip "no gcc"

# loads COMMAND...: base names of the preloaded libraries in link-map order, as the process itself sees them.
cat >"$scratch/maps.c" <<'C'
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <string.h>
static int show(struct dl_phdr_info *i, size_t n, void *p) {
  (void)n, (void)p;
  if (i->dlpi_name[0] == '/') printf("%s ", strrchr(i->dlpi_name, '/') + 1);
  return 0;
}
int main(void) { dl_iterate_phdr(show, 0); return 0; }
C
gcc -o "$scratch/maps" "$scratch/maps.c"
gcc -fsanitize=address -o "$scratch/asan" "$scratch/maps.c"
for name in one two; do
  echo "int foreign_$name;" | gcc -shared -fPIC -Wl,-soname,lib$name.so.1 -x c -o "$scratch/lib$name.so" -
done
ours="libvgpu-exec.so libvgpu-syscall.so libvgpu-cuda.so libvgpu-nvml.so libvgpu-cudart12.so libvgpu-cudart13.so"

check() { # EXPECTED-BEGINNING COMMAND...
  local wanted=$1
  shift
  ends 0 "$@"
  [[ $(cat "$scratch/out") == "$wanted "* ]] || fail "loaded: $(cat "$scratch/out")"$'\n'"wanted: $wanted"
  [[ ! -s $scratch/err ]] || fail "ld.so complains: $(cat "$scratch/err")"
}

check "$ours libone.so libtwo.so" env LD_PRELOAD="$scratch/libone.so:$scratch/libtwo.so" "$vgpu_run" -- "$scratch/maps"
check "$ours libtwo.so libone.so" env LD_PRELOAD="$scratch/libtwo.so $scratch/libone.so" "$vgpu_run" -- "$scratch/maps"
# Relative, for a program that changes its directory before it starts another.
cd "$scratch"
check "$ours libone.so" env LD_PRELOAD=./libone.so "$vgpu_run" -- sh -c "cd / && exec $scratch/maps"
cd /

runtime=$(gcc -print-file-name=libasan.so)
runtime=$(readlink -f "$runtime")
[[ -e $runtime ]] || skip "no AddressSanitizer runtime"
# ASan ends a program in which its runtime is not the first library.
check "$(basename "$runtime") $ours" env LD_PRELOAD="$runtime" ASAN_OPTIONS=detect_leaks=0 "$vgpu_run" -- "$scratch/asan"
check "libone.so $(basename "$runtime") $ours libtwo.so" \
  env LD_PRELOAD="$scratch/libone.so:$runtime:$scratch/libtwo.so" ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0 "$vgpu_run" -- "$scratch/asan"

# A constraint of the user's own, by SONAME.
mkdir -p "$XDG_CONFIG_HOME/vgpu-run/manifest.d"
printf '{"version": 1, "shims": [{"name": "mine", "library": "%s", "profiles": ["default"], "after": ["libone.so.*"]}]}' "$scratch/libtwo.so" \
  >"$XDG_CONFIG_HOME/vgpu-run/manifest.d/mine.json"
check "$ours libone.so libtwo.so" env LD_PRELOAD="$scratch/libone.so" "$vgpu_run" -- "$scratch/maps"
