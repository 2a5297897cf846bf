// usage: stack_use PROGRAM SCRIPT How far calls of the exec family reach down the stack: each is made on a painted 16
// KiB stack, in a vfork child where it would replace us, with 20, 200 and 2000 variables, none of them ours. Prints
// "CALL VARIABLES BYTES" lines.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kStack = 16384, kPaint = 0xa5, kMargin = 48 /* paint() itself */ };

static const char* program;
static const char* script;
static char* argv_of_child[] = {"child", NULL};
static char* variables[2001];
static char** envp;
static char* stack;
static int failed;

static int by_execve(void) { return execve(program, argv_of_child, envp); }
static int by_execve_of_a_script(void) { return execve(script, argv_of_child, envp); }
static int by_execve_of_nothing(void) { return execve("/no/such/program", argv_of_child, envp); }
static int by_execveat(void) { return execveat(AT_FDCWD, program, argv_of_child, envp, 0); }
static int by_execvpe(void) { return execvpe("true", argv_of_child, envp); }
static int by_execvpe_of_nothing(void) { return execvpe("no-such-program", argv_of_child, envp); }
static int by_execv(void) { return environ = envp, execv(program, argv_of_child); }
static int by_posix_spawn(void) {
  pid_t pid = -1;
  const int error = posix_spawn(&pid, program, NULL, NULL, argv_of_child, envp);
  if (error == 0) waitpid(pid, &failed, 0);
  return error;
}
static int by_posix_spawnp(void) {
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, "true", NULL, NULL, argv_of_child, envp);
  if (error == 0) waitpid(pid, &failed, 0);
  return error;
}
static int by_posix_spawn_of_nothing(void) {
  pid_t pid;
  return posix_spawn(&pid, "/no/such/program", NULL, NULL, argv_of_child, envp) == ENOENT ? 0 : 1;
}

static const struct {
  const char* name;
  int (*call)(void);
  int in_child, status;  // what the child ends with
} calls[] = {
    {"execve", by_execve, 1, 0},
    {"execve_script", by_execve_of_a_script, 1, 0},
    {"execve_nothing", by_execve_of_nothing, 1, 99},
    {"execveat", by_execveat, 1, 0},
    {"execvpe", by_execvpe, 1, 0},
    {"execvpe_nothing", by_execvpe_of_nothing, 1, 99},
    {"execv", by_execv, 1, 0},
    {"posix_spawn", by_posix_spawn, 0, 0},
    {"posix_spawnp", by_posix_spawnp, 0, 0},
    {"posix_spawn_nothing", by_posix_spawn_of_nothing, 0, 0},
};

// Paints what the caller's next calls will use, and answers where that begins.
__attribute__((noinline)) static char* paint(void) {
  char* const top = __builtin_frame_address(0);
  for (volatile char* at = stack; at < top - kMargin; ++at) *at = (char)kPaint;
  return top;
}

__attribute__((noinline)) static size_t used_by(unsigned number) {
  const char* const top = paint();
  if (calls[number].in_child) {
    int status = -1;
    const pid_t pid = vfork();
    if (pid == 0) {
      calls[number].call();
      _exit(99);
    }
    failed = waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != calls[number].status || WIFSIGNALED(status);
  } else if (calls[number].call() != 0) {
    failed = 1;
  }
  const volatile char* at = stack;
  while (at < top - kMargin && *at == (char)kPaint) ++at;
  return (size_t)(top - at);
}

static void* measure(void* number) { return (void*)used_by((unsigned)(size_t)number); }

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  program = argv[1];
  script = argv[2];
  if (posix_memalign((void**)&stack, 4096, kStack) != 0) return 2;
  for (int count = 20; count <= 2000; count *= 10) {
    char** const before = environ;
    for (int i = 0; i < count; ++i)
      if (asprintf(&variables[i], "VARIABLE_%d=value", i) < 0) return 2;
    variables[count] = NULL;
    envp = variables;
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; ++i) {
      pthread_attr_t attributes;
      pthread_t thread;
      void* result = NULL;
      pthread_attr_init(&attributes);
      if (pthread_attr_setstack(&attributes, stack, kStack) != 0) return perror("a stack of 16 KiB"), 2;
      if (pthread_create(&thread, &attributes, measure, (void*)(size_t)i) != 0) return 2;
      pthread_join(thread, &result);
      environ = before;
      if (failed) return fprintf(stderr, "%s with %d variables went wrong\n", calls[i].name, count), 1;
      printf("%s %d %zu\n", calls[i].name, count, (size_t)result);
    }
  }
  return 0;
}
