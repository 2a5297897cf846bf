#!/usr/bin/env bash
# usage: runtimes.sh CASE   (VGPU_BUILD: the build tree)
# Real programs as parents, each starting a child in its own way with an emptied environment. The link map of the child says
# whether its shims are there; the environment would prove nothing.
. "$(dirname "$0")/../common.sh"
case_name=$1

# The child: prints the shims that are mapped into it. Of the parent's it gets PATH at most.
cat >"$scratch/child.c" <<'END'
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <string.h>
static int show(struct dl_phdr_info* info, size_t size, void* unused) {
  const char* base = strrchr(info->dlpi_name, '/');
  (void)size, (void)unused;
  if (base != NULL && strncmp(base, "/libvgpu-", 9) == 0) printf("%s ", base + 1);
  return 0;
}
int main(void) {
  dl_iterate_phdr(show, NULL);
  puts("end");
  return 0;
}
END
"${CC:-cc}" -o "$scratch/child" "$scratch/child.c"
child=$scratch/child
shims=$("$vgpu_run" -- "$child")
[[ $shims == libvgpu-exec.so*libvgpu-cuda.so*end ]] || fail "under vgpu-run: $shims"
[[ $("$child") == end ]] || fail "without vgpu-run: $("$child")"

# has WHAT NUMBER COMMAND...: under vgpu-run it prints as many lines, each the child's with all shims.
has() {
  local what=$1 number=$2 got
  shift 2
  got=$("$vgpu_run" -- "$@" 2>"$scratch/err") || fail "$what: status $?"$'\n'"$(cat "$scratch/err")"
  [[ ! -s $scratch/err ]] || fail "$what: on stderr: $(cat "$scratch/err")"
  [[ $got == "$(for ((i = 0; i < number; ++i)); do echo "$shims"; done)" ]] || fail "$what: $got"
}
needs() { command -v "$1" >/dev/null || skip "no $1"; }
export C=$child

case $case_name in
  shells)
    has 'sh' 3 sh -c 'env -i "$C"; unset LD_PRELOAD LD_LIBRARY_PATH; "$C"; (exec env - sh -c "$0") ' "$child"
    has 'bash' 3 bash -c 'env -i "$C"; exec {fd}< <(exec -c "$C"); cat <&$fd; (exec -c "$C")'
    has 'xargs' 3 sh -c 'printf "1\n2\n3\n" | env -i xargs -n 1 -P 1 sh -c "$0"' "$child"
    has 'find -exec' 1 env -i find "$child" -exec '{}' ';'
    has 'timeout' 1 env -i timeout 60 "$child"
    printf 'all: a b c\na b c:\n\t@%s -i %s\n' "$(command -v env)" "$child" >"$scratch/makefile"
    needs make
    has 'make -j' 3 env -i make -s -j 3 -f "$scratch/makefile"
    ;;
  python)
    needs python3
    has 'subprocess, by vfork and by fork' 2 python3 -c '
import os, subprocess as s
s.run([os.environ["C"]], env={}, check=True)
s.run([os.environ["C"]], env={}, check=True, preexec_fn=lambda: None)'
    has 'subprocess through a shell' 1 python3 -c 'import os, subprocess as s; s.run(os.environ["C"], env={}, shell=True, check=True)'
    has 'os.system, os.popen' 2 python3 -c '
import os
c = os.environ["C"]
os.environ.clear()
os.system(c)
print(os.popen(c).read(), end="", flush=True)'
    has 'os.posix_spawn' 2 python3 -c '
import os
for spawn in os.posix_spawn, os.posix_spawnp: os.waitpid(spawn(os.environ["C"], ["c"], {}), 0)'
    has 'os.execve after fork, through a descriptor' 2 python3 -c '
import os
for file in os.environ["C"], os.open(os.environ["C"], os.O_RDONLY):
  pid = os.fork()
  if pid == 0: os.execve(file, ["c"], {})
  os.waitpid(pid, 0)'
    has 'multiprocessing, spawn' 1 python3 -c '
import multiprocessing, os, subprocess
if __name__ == "__main__":
  c = os.environ["C"]
  os.environ.clear()
  multiprocessing.set_start_method("spawn")
  p = multiprocessing.Process(target=subprocess.run, args=([c],), kwargs={"env": {}})
  p.start(); p.join()'
    ;;
  perl)
    needs perl
    has 'system, exec, backticks, open' 4 perl -e '
$| = 1; my $c = $ENV{C}; %ENV = ();
system $c; print `$c`; open my $pipe, "-|", $c or die; print <$pipe>; close $pipe; exec $c'
    ;;
  node)
    node=$("$source_dir/tests/real/fetch" node) || exit $?
    has 'spawn, exec, execFile, fork' 5 "$node" -e '
const c = process.env.C, p = require("child_process"), env = {};
process.stdout.write(p.spawnSync(c, [], {env}).stdout);
process.stdout.write(p.execSync(c, {env}));
process.stdout.write(p.execFileSync(c, {env}));
p.spawn(c, {env, stdio: "inherit"}).on("close", () => {
  const file = require("fs").mkdtempSync(require("os").tmpdir() + "/node-") + "/f.js";
  require("fs").writeFileSync(file, "process.stdout.write(require(\"child_process\").spawnSync(process.argv[2], [], {env: {}}).stdout)");
  p.fork(file, [c], {env}).on("close", () => require("fs").rmSync(require("path").dirname(file), {recursive: true}));
});'
    ;;
  java)
    command -v java >/dev/null && command -v javac >/dev/null || absent 'no java'
    cat >"$scratch/Start.java" <<'END'
class Start {
  public static void main(String[] arguments) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(arguments[0]).inheritIO();
    builder.environment().clear();
    System.exit(builder.start().waitFor());
  }
}
END
    javac -d "$scratch" "$scratch/Start.java"
    has 'ProcessBuilder' 1 java -cp "$scratch" Start "$child"  # through jspawnhelper
    ;;
  valgrind)
    needs valgrind
    # Its own preload goes with ours, its tools are static: nothing of theirs fails, and memory is as it should be.
    ends 0 "$vgpu_run" -- valgrind -q --error-exitcode=9 true
    [[ ! -s $scratch/err ]] || fail "valgrind true: $(cat "$scratch/err")"
    ends 0 "$vgpu_run" -- valgrind -q --error-exitcode=9 --trace-children=yes env -i "$child"
    [[ $(cat "$scratch/out") == "$shims" ]] || fail "below valgrind: $(cat "$scratch/out")"
    [[ ! -s $scratch/err ]] || fail "below valgrind: $(cat "$scratch/err")"
    for how in 'execve odd' 'fexecve_path unset' 'posix_spawnp many' 'system unset' 'popen clear' 'wordexp unset'; do
      # shellcheck disable=SC2086
      ends 0 "$vgpu_run" -- valgrind -q --error-exitcode=9 "$build/tests/programs/spawner" $how "$child"
      [[ ! -s $scratch/err ]] || fail "valgrind, $how: $(cat "$scratch/err")"
    done
    ;;
  *) fail "no case $case_name" ;;
esac
