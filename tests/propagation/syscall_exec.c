// usage: syscall_exec HOW CHILD [ARG...] Execs CHILD through libc's syscall(), with an environment in which nothing of
// the shims is left. HOW is one of the names in main. Ends with the child's status.
#define _GNU_SOURCE
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;
static char* const clean[] = {"ONE=1", "without an equals sign", "TWO=\xff\xfe", NULL};
static char** child;

static void die(const char* what) {
  fprintf(stderr, "syscall_exec: %s: %s\n", what, strerror(errno));
  _exit(2);
}

static void ends_like(pid_t pid) {
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) die("no child");
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
}

static void plain(void) { syscall(SYS_execve, child[0], child, clean); }

static void at(void) {
  int slash = open("/", O_PATH | O_CLOEXEC);
  syscall(SYS_execveat, slash, child[0] + 1, child, clean, 0L);
}

static void descriptor(void) { syscall(SYS_execveat, open(child[0], O_PATH), "", child, clean, (long)AT_EMPTY_PATH); }

static void null_environment(void) { syscall(SYS_execve, child[0], child, NULL); }

static void own_environment(void) {
  clearenv();
  setenv("ONE", "1", 1);
  syscall(SYS_execve, child[0], child, environ);
}

// The one child that is to be left alone.
static void switched_off(void) {
  char* const off[] = {"VGPU_EXEC=off", NULL};
  syscall(SYS_execve, child[0], child, off);
}

static void vforked(void) {
  pid_t pid = vfork();
  if (pid == 0) {
    syscall(SYS_execve, child[0], child, clean);
    _exit(127);
  }
  ends_like(pid);
}

static void forked(void) {
  pid_t pid = fork();
  if (pid == 0) {
    syscall(SYS_execve, child[0], child, clean);
    _exit(127);
  }
  ends_like(pid);
}

static void* run(void* how) {
  ((void (*)(void))how)();
  return NULL;
}

static void in_thread(void (*how)(void)) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  if (pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN) != 0) die("stack of a thread");
  if (pthread_create(&thread, &attributes, run, (void*)how) != 0) die("thread");
  pthread_join(thread, NULL);
}

static void thread(void) { in_thread(plain); }
static void thread_vfork(void) { in_thread(vforked); }

static void handler(int number) {
  (void)number;
  plain();
}

static void in_handler(void) {
  static char stack[8192];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
  sigaltstack(&alternate, NULL);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
}

// 2 000 variables.
static void large(void) {
  char** variables = calloc(2001, sizeof *variables);
  for (int i = 0; i < 2000; ++i) {
    if (asprintf(&variables[i], "VARIABLE_%d=%d", i, i) < 0) die("memory");
  }
  syscall(SYS_execve, child[0], child, variables);
}

// Whether the join of a thread still works whose exec failed: the kernel clears a word of the thread at its end.
static void* fails(void* unused) {
  for (int i = 0; i < 1000; ++i) {
    if (syscall(SYS_execve, "/nonexistent", child, clean) != -1 || errno != ENOENT) die("exec of nothing");
  }
  return unused;
}

static void joined(void) {
  pthread_t threads[16];
  for (int i = 0; i < 16; ++i) {
    if (pthread_create(&threads[i], NULL, fails, NULL) != 0) die("thread");
  }
  for (int i = 0; i < 16; ++i) pthread_join(threads[i], NULL);
  plain();
}

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    void (*run)(void);
  } ways[] = {{"execve", plain},
              {"execveat", at},
              {"descriptor", descriptor},
              {"null", null_environment},
              {"environ", own_environment},
              {"vfork", vforked},
              {"fork", forked},
              {"thread", thread},
              {"thread_vfork", thread_vfork},
              {"handler", in_handler},
              {"large", large},
              {"joined", joined},
              {"off", switched_off}};
  if (argc < 3) return 2;
  child = argv + 2;
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; ++i) {
    if (strcmp(ways[i].name, argv[1]) == 0) {
      ways[i].run();
      die(argv[1]);
    }
  }
  return 2;
}
