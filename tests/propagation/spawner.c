// usage: spawner ENTRY SABOTEUR PROGRAM [ARG...]
// Does something to its environment, then starts PROGRAM through one entry point, and prints what the call answered and
// how the child ended. PROGRAM is looked up in PATH by the entry points that do so.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

extern char** environ;

static int no_argv, no_envp;
static char* const* child_argv;
static char* const* child_envp;
static char* const* bad_envp;  // what no program may pass
static char* const* bad_argv;
static const char* volatile bad_path = (const char*)-4096L;

static void answer(const char* what, long value, int error) {
  printf("%s answered %ld, %s\n", what, value, value == 0 || error == 0 ? "no error" : strerrorname_np(error));
  fflush(stdout);
}

// A variable more than once is only possible by hand.
static void set_twice(const char* first, const char* second) {
  size_t count = 0;
  while (environ[count] != NULL) ++count;
  char** with = calloc(count + 3, sizeof *with);
  size_t out = 0;
  with[out++] = strdup(first);
  for (size_t i = 0; i < count; ++i)
    if (strncmp(environ[i], "LD_PRELOAD=", 11) != 0) with[out++] = environ[i];
  with[out++] = strdup(second);
  environ = with;
}

static int sabotage(const char* how) {
  const char* own = getenv("OWN_PRELOAD");
  const char* preload = getenv("LD_PRELOAD");
  char text[70000], more[70100];
  if (preload == NULL) preload = "";
  if (strcmp(how, "none") == 0) return 0;
  if (strcmp(how, "unset") == 0) return unsetenv("LD_PRELOAD") | unsetenv("LD_LIBRARY_PATH");
  if (strcmp(how, "empty") == 0) return setenv("LD_PRELOAD", "", 1) | setenv("LD_LIBRARY_PATH", "", 1);
  if (strcmp(how, "own_only") == 0) return setenv("LD_PRELOAD", own, 1);
  if (strcmp(how, "own_first") == 0 || strcmp(how, "own_last") == 0) {
    const int first = strcmp(how, "own_first") == 0;
    snprintf(text, sizeof text, "%s%s%s", first ? own : preload, first ? " " : ":", first ? preload : own);
    return setenv("LD_PRELOAD", text, 1);
  }
  if (strcmp(how, "duplicate") == 0) {
    snprintf(text, sizeof text, "LD_PRELOAD=%s", preload);
    snprintf(more, sizeof more, "LD_PRELOAD=%s", own);
    set_twice(text, more);
    return 0;
  }
  if (strcmp(how, "clear") == 0) {
    char* path = strdup(getenv("PATH"));
    return clearenv() | setenv("PATH", path, 1);
  }
  if (strcmp(how, "scrub") == 0) {
    static char* kept[4096];
    size_t out = 0;
    for (char** entry = environ; *entry != NULL; ++entry)
      if (strncmp(*entry, "VGPU_", 5) != 0 && strncmp(*entry, "LD_", 3) != 0) kept[out++] = *entry;
    environ = kept;
    return 0;
  }
  if (strcmp(how, "no_envp") == 0) return no_envp = 1, environ = NULL, 0;
  if (strcmp(how, "no_argv") == 0) return no_argv = 1, unsetenv("LD_PRELOAD");
  if (strcmp(how, "odd") == 0) {  // no '=', invalid UTF-8, an empty string
    static char* odd[] = {"PATH=/usr/bin:/bin", "NO_EQUALS_SIGN", "UTF=\xff\xfe", "", "=", "LD_PRELOAD", NULL};
    environ = odd;
    return 0;
  }
  if (strncmp(how, "bad_", 4) == 0) {  // pointers that the kernel refuses
    static char* mixed[] = {"A=1", NULL, "B=2", NULL};
    char* const pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4096, 4096, PROT_NONE);
    if (strcmp(how, "bad_low") == 0) return bad_envp = (char**)1, 0;
    if (strcmp(how, "bad_high") == 0) return bad_envp = (char**)-1L, 0;
    if (strcmp(how, "bad_protected") == 0) return bad_envp = (char**)(void*)(pages + 4096), 0;
    if (strcmp(how, "bad_unclosed") == 0) {  // the array has no end before its memory has
      bad_envp = (char**)(void*)(pages + 4096) - 2;
      ((char**)(void*)(pages + 4096))[-2] = "A=1";
      ((char**)(void*)(pages + 4096))[-1] = "B=2";
      return 0;
    }
    bad_envp = mixed;
    mixed[1] = pages + 4096;
    if (strcmp(how, "bad_variable") == 0) return 0;
    mixed[1] = memcpy(pages + 4096 - 14, "LD_PRELOAD=/a:", 14);  // neither has a string
    if (strcmp(how, "bad_preload") == 0) return 0;
    if (strcmp(how, "bad_argv") == 0) return bad_argv = mixed, bad_envp = NULL, 0;
  }
  if (strcmp(how, "many") == 0) {
    unsetenv("LD_PRELOAD");
    for (int i = 0; i < 2000; ++i) {
      char name[32];
      snprintf(name, sizeof name, "VARIABLE_%d", i);
      setenv(name, "value", 1);
    }
    return 0;
  }
  if (strcmp(how, "chdir") == 0) return unsetenv("LD_PRELOAD") | chdir("/");
  if (strcmp(how, "closed") == 0) return unsetenv("LD_PRELOAD") | (int)syscall(SYS_close_range, 3U, ~0U, 0U);
  fprintf(stderr, "no saboteur %s\n", how);
  exit(2);
}

typedef int (*Spawn)(int*, const char*, const posix_spawn_file_actions_t*, const posix_spawnattr_t*, char* const*,
                     char* const*);

static int ended(int pid) {
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return answer("waitpid", -1, errno), 1;
  printf("child ended with %#x\n", (unsigned)status);
  return status != 0;
}

static void exec_by(const char* entry, char** v) {
  char* const* argv = child_argv;
  char* const* envp = child_envp;
  errno = 0;
  long result = -2;
  typedef int (*Execvpe)(const char*, char* const*, char* const*);
  // Through pointers: the compiler would refuse the null argument lists that we want to see.
  int (*volatile listed)(const char*, const char*, ...) = execl;
  int (*volatile searched)(const char*, const char*, ...) = execlp;
  int (*volatile with_envp)(const char*, const char*, ...) = execle;
  if (strcmp(entry, "execve") == 0)
    result = execve(v[0], argv, envp);
  else if (strcmp(entry, "execve_bad_path") == 0)
    result = execve(bad_path, argv, envp);
  else if (strcmp(entry, "execveat_bad_path") == 0)
    result = execveat(AT_FDCWD, bad_path, argv, envp, 0);
  else if (strcmp(entry, "execv") == 0)
    result = execv(v[0], argv);
  else if (strcmp(entry, "execvp") == 0)
    result = execvp(v[0], argv);
  else if (strcmp(entry, "execvpe") == 0)
    result = execvpe(v[0], argv, envp);
  else if (strcmp(entry, "__execvpe") == 0)
    result = ((Execvpe)dlsym(RTLD_DEFAULT, "__execvpe"))(v[0], argv, envp);
  else if (strcmp(entry, "execl") == 0)
    result = argv ? listed(v[0], v[0], v[1], v[1] ? v[2] : NULL, NULL) : listed(v[0], NULL);
  else if (strcmp(entry, "execlp") == 0)
    result = argv ? searched(v[0], v[0], v[1], v[1] ? v[2] : NULL, NULL) : searched(v[0], NULL);
  else if (strcmp(entry, "execle") == 0) {
    if (argv == NULL)
      result = with_envp(v[0], NULL, envp);
    else if (v[1] == NULL)
      result = with_envp(v[0], v[0], NULL, envp);
    else
      result = with_envp(v[0], v[0], v[1], NULL, envp);
  } else if (strcmp(entry, "fexecve") == 0)
    result = fexecve(open(v[0], O_RDONLY), argv, envp);
  else if (strcmp(entry, "fexecve_cloexec") == 0)
    result = fexecve(open(v[0], O_RDONLY | O_CLOEXEC), argv, envp);
  else if (strcmp(entry, "fexecve_path") == 0)
    result = fexecve(open(v[0], O_PATH | O_CLOEXEC), argv, envp);
  else if (strcmp(entry, "execveat") == 0)
    result = execveat(AT_FDCWD, v[0], argv, envp, 0);
  else if (strcmp(entry, "execveat_empty") == 0)
    result = execveat(open(v[0], O_RDONLY), "", argv, envp, AT_EMPTY_PATH);
  else if (strcmp(entry, "execveat_nofollow") == 0)
    result = execveat(AT_FDCWD, v[0], argv, envp, AT_SYMLINK_NOFOLLOW);
  else
    fprintf(stderr, "no entry point %s\n", entry);
  answer(entry, result, errno);
  fflush(stdout);
  _exit(99);
}

static int spawn_by(const char* entry, char** v) {
  int pid = -1;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  if (strcmp(entry, "posix_spawn_actions") == 0) {
    sigset_t defaults, mask;
    sigemptyset(&defaults), sigaddset(&defaults, SIGUSR1);
    sigemptyset(&mask), sigaddset(&mask, SIGUSR2);
    signal(SIGUSR1, SIG_IGN);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 9, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addchdir_np(&actions, "/usr");
    const int error = posix_spawn(&pid, v[0], &actions, &attributes, child_argv, child_envp);
    return error != 0 ? (answer(entry, error, error), 99) : ended(pid);  // first the child's lines, then ours
  }
  const int by_descriptor = strncmp(entry, "pidfd", 5) == 0;
  const Spawn spawn = (Spawn)dlsym(RTLD_DEFAULT, entry);
  if (spawn == NULL) return puts("not in this libc"), 77;
  const int error = spawn(&pid, v[0], NULL, NULL, child_argv, child_envp);
  if (error != 0) return answer(entry, error, error), 99;
  if (!by_descriptor) return ended(pid);
  siginfo_t info = {0};
  if (waitid(P_PIDFD, (id_t)pid, &info, WEXITED) != 0) return answer("waitid", -1, errno), 1;
  printf("child ended with %#x\n", (unsigned)info.si_status);
  return info.si_status != 0;
}

static int shell_by(const char* entry, const char* command) {
  errno = 0;
  if (strcmp(entry, "system") == 0) {
    const int status = system(command);
    answer(entry, status, errno);
    struct sigaction interrupt;
    sigaction(SIGINT, NULL, &interrupt);
    printf("SIGINT is %s afterwards\n", interrupt.sa_handler == SIG_DFL ? "default" : "changed");
    return status != 0;
  }
  if (strncmp(entry, "popen", 5) == 0) {
    FILE* stream = popen(command, strcmp(entry, "popen_e") == 0     ? "re"
                                  : strcmp(entry, "popen_w") == 0   ? "w"
                                  : strcmp(entry, "popen_bad") == 0 ? "x"
                                                                    : "r");
    if (stream == NULL) return answer(entry, -1, errno), 99;
    printf("close on exec: %d\n", fcntl(fileno(stream), F_GETFD) & FD_CLOEXEC);
    char line[4096];
    while (strcmp(entry, "popen_w") != 0 && fgets(line, sizeof line, stream) != NULL) fputs(line, stdout);
    const int status = pclose(stream);
    answer("pclose", status, errno);
    return status != 0;
  }
  char words[8192];
  wordexp_t result = {0};
  snprintf(words, sizeof words, "$(%s)", command);
  const int error = wordexp(words, &result, strcmp(entry, "wordexp_nocmd") == 0 ? WRDE_NOCMD : 0);
  answer(entry, error, 0);
  if (error != 0) return 99;
  for (size_t i = 0; i < result.we_wordc; ++i) puts(result.we_wordv[i]);
  return strstr(result.we_wordc > 0 ? result.we_wordv[0] : "", "bare") != NULL;
}

int main(int argc, char** argv) {
  if (argc < 4) return fprintf(stderr, "usage: spawner ENTRY SABOTEUR PROGRAM [ARG...]\n"), 2;
  if (sabotage(argv[2]) != 0) return perror(argv[2]), 2;
  char** const environ_before = environ;
  child_argv = no_argv ? NULL : bad_argv != NULL ? bad_argv : argv + 3;
  child_envp = no_envp ? NULL : bad_envp != NULL ? bad_envp : environ;
  fflush(stdout);
  int result;
  if (strncmp(argv[1], "exec", 4) == 0 || strncmp(argv[1], "__exec", 6) == 0 || strncmp(argv[1], "fexec", 5) == 0) {
    const int pid = fork();
    if (pid == 0) exec_by(argv[1], argv + 3);
    result = ended(pid);
  } else if (strncmp(argv[1], "posix_", 6) == 0 || strncmp(argv[1], "pidfd_", 6) == 0) {
    result = spawn_by(argv[1], argv + 3);
  } else {
    result = shell_by(argv[1], argv[3]);
  }
  if (environ != environ_before) return puts("environ is not what it was"), 3;
  return result;
}
