#!/usr/bin/env bash
# vgpuctl verify of what cannot be read, is no program, or is gone: it says so, and never says more than it knows.
source "$(dirname "$0")/processes.sh"

# Words that are no process.
for words in "" "0" "-1" "1x" "4194305" "99999999999999999999" "1 2" "--unit" "1 --unit x" "1 -- true" "--container a --unit b" \
  "--wait 0 1" "--no-such" "--" "--json" "$'\e[2J'"; do
  # shellcheck disable=SC2086
  ends 125 "$vgpuctl" verify $words
  [[ ! -s $scratch/out && -s $scratch/err ]] || fail "'$words': $(cat "$scratch/out" "$scratch/err")"
done
ends 125 "$vgpuctl" verify $'\e[2J'
lacks "$scratch/err" $'\e'
ends 125 "$vgpuctl" verify --jsn 1
contains "$scratch/err" "did you mean --json?"

# No such process.
begin 1 "$stay"
gone=$pid
end_all
verified 2 "$gone"
contains "$scratch/out" "cannot tell: there is no such process"

# Processes that end while they are read: a shell that starts one after the other.
begin 1 "$vgpu_run" -- sh -c 'echo up; while :; do true & /bin/true; /bin/true; wait; done'
verdicts=
for ((i = 0; i < 60; i++)); do
  status=0
  "$vgpuctl" verify --json "$pid" >"$scratch/json" 2>"$scratch/err" || status=$?
  ((status == 0 || status == 2)) || fail "status $status while children come and go: $(cat "$scratch/json" "$scratch/err")"
  verdicts+=$status
done
[[ $verdicts == *0* ]] || fail "never once holds: $verdicts"
end_all

# A zombie.
shimmed 1 sh -c 'sleep 0.3 & echo up; exec sleep 60'  # which asks for nobody's end
child=
for ((i = 0; i < 100; i++)); do
  child=$(ps -o pid=,stat= --ppid "$pid" | awk '$2 ~ /^Z/ { print $1 }') || true  # none yet
  [[ -z $child ]] || break
  sleep 0.05
done
verified 2 "$child"
says sleep ended "a zombie"
verified 0 "$pid"
[[ $(json "(len(d['processes']), d['ended'])" <"$scratch/json") == "(1, 1)" ]] || fail "below its parent: $(cat "$scratch/json")"
end_all

# Its own memory is all that r_debug says: a process that writes nonsense there is not believed, and does no harm.
cat >"$scratch/liar.c" <<'C'
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>
int main(int count, char** words) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct r_debug* debug = NULL; /* not _r_debug: that could be a copy of ours */
  for (ElfW(Dyn)* entry = _DYNAMIC; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_DEBUG) debug = (struct r_debug*)entry->d_un.d_ptr;
  }
  struct link_map* map = debug->r_map;
  switch (atoi(words[count - 1])) {
    case 0: map->l_next->l_next = map; break;                                /* a circle */
    case 1: map->l_next = (struct link_map*)0x10; break;                     /* not mapped */
    case 2: map->l_next = (struct link_map*)~7UL; break;                     /* beyond every address */
    case 3: map->l_next->l_name = (char*)8; map->l_next->l_ld = (void*)8; break;
    case 4: debug->r_map = NULL; break;
    case 5: debug->r_state = RT_ADD; break;
    case 6: debug->r_version = 77; break;
  }
  puts("up");
  fflush(stdout);
  for (;;) pause();
}
C
$compiler -o "$scratch/liar" "$scratch/liar.c"
for how in 0:unreadable 1:unreadable 2:unreadable 3:carries 4:not-ready 5:not-ready; do
  shimmed 1 "$scratch/liar" "${how%:*}"
  "$vgpuctl" verify --json "$pid" >"$scratch/json" 2>"$scratch/err" || true
  cp "$scratch/json" "$scratch/out"
  [[ $(member liar "p['finding']") == "${how#*:}" ]] || [[ $how == 3:* && $(member liar "p['finding']") == environment-only ]] ||
    [[ $how == [12]:* && $(member liar "p['source']") == maps ]] || fail "lie $how: $(member liar "p['finding'] + p['reason']")"
  end_all
done

((EUID == 0)) || absent "the rest needs root"

# A kernel thread, and pid 1, which is no child of vgpu-run.
thread=$(ps -eo pid=,ppid= | awk '$2 == 2 { print $1; exit }')
if [[ -n $thread ]]; then
  ends 1 "$vgpuctl" verify "$thread"
  contains "$scratch/out" "it is a kernel thread"
fi
status=0
"$vgpuctl" verify --json 1 >"$scratch/json" || status=$?
((status == 1)) || fail "status $status of pid 1"
[[ $(json "d['processes'][0]['pid'], d['processes'][0]['finding'] in ('never-given', 'no-rights')" <"$scratch/json") == "(1, True)" ]] || fail "pid 1"  # a sandbox closes it even to root

# Somebody else's process, without the right to ptrace it.
chmod 755 "$scratch"
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
"${nobody[@]}" test -x "$vgpuctl" || absent "user 65534 cannot reach $vgpuctl"
shimmed 1 "$stay"
ends 2 "${nobody[@]}" "$vgpuctl" verify --json "$pid"
cp "$scratch/out" "$scratch/json"
says stay no-rights "may not be read by us"
[[ $(member stay "(p['source'], p['class'], p['secure'], p['environment_says'])") == "(None, None, None, None)" ]] || fail "$(member stay p)"

# Only the memory may not be read: the mapped files tell that all shims are there, but not in which order.
empty=$scratch/empty
: >"$empty"
in_private() { unshare --mount sh -c 'mount --bind "$1" "/proc/$2/mem" || exit 99; shift 2; exec "$@"' sh "$empty" "$pid" "$@"; }
if in_private true; then
  ends 2 in_private "$vgpuctl" verify --json "$pid"
  cp "$scratch/out" "$scratch/json"
  says stay order-unknown "in which order they stand cannot be read"
  [[ $(member stay "(p['source'], len(p['carried']))") == "('maps', 6)" ]] || fail "$(member stay p)"
  end_all
  begin 1 "$stay"
  ends 1 in_private "$vgpuctl" verify --json "$pid"
  cp "$scratch/out" "$scratch/json"
  says stay never-given
  [[ $(member stay "p['notes']") == *"from the mapped files alone"* ]] || fail "it does not say so: $(member stay p)"
fi
