#!/usr/bin/env bash
# The Plan's initialisation order is the one in which the real ld.so calls the libraries' init functions.
source "$(dirname "$0")/../common.sh"
command -v gcc >/dev/null || skip "no gcc"

for name in a b c; do
  echo "__attribute__((constructor)) static void start(void) {}; int value_$name;" >"$scratch/$name.c"
done
cd "$scratch"
gcc -shared -fPIC -Wl,-soname,libc3.so -o libc3.so c.c
gcc -shared -fPIC -Wl,-soname,liba.so -Wl,--no-as-needed -o liba.so a.c ./libc3.so -Wl,-rpath,"$scratch"
gcc -shared -fPIC -Wl,-soname,libb.so -o libb.so b.c

order() { # PRELOAD...
  LD_PRELOAD=$1 "$vgpu_run" --dry-run --format=json true | json '" ".join(d["init_order"])' >"$scratch/told"
  LD_PRELOAD=$1 LD_DEBUG=files "$vgpu_run" true 2>&1 | sed -n 's/.*calling init: \(.*\)/\1/p' | tac | awk '!seen[$0]++' | tac >"$scratch/all"
  # Only those that were preloaded; a library without an init function does not appear.
  tr ' ' '\n' <"$scratch/told" | grep -Fxf - "$scratch/all" >"$scratch/real" || true
  tr ' ' '\n' <"$scratch/told" | grep -Fxf "$scratch/all" >"$scratch/told_lines" || true
  [[ -s $scratch/real ]] || fail "ld.so initialised none of them"
  diff "$scratch/told_lines" "$scratch/real" || fail "told and real order differ for $1"
}
order "$scratch/liba.so:$scratch/libb.so:$scratch/libc3.so"
order "$scratch/libc3.so:$scratch/libb.so:$scratch/liba.so"
order "$scratch/libb.so:$scratch/liba.so:$scratch/libc3.so"
