// usage: hard_places CHILD Starts a child with an emptied environment from where little is allowed: a 16 KiB stack, a
// signal handler, a vfork child while a thousand threads are in malloc. CHILD ends with 0 when it has its shims.
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kThreads = 1000, kVforks = 20, kVariables = 2000 };

static char* child[2];
static char* few[] = {"A=1", NULL};
static char* many[kVariables + 1];
static volatile int stop;
static volatile sig_atomic_t handled = -1;

static int ended_well(pid_t pid) {
  int status = -1;
  return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static int spawns(char** envp) {
  pid_t pid = -1;
  return posix_spawn(&pid, child[0], NULL, NULL, child, envp) == 0 && ended_well(pid);
}

__attribute__((noinline)) static int vforks(char** envp) {
  const pid_t pid = vfork();
  if (pid == 0) {
    execve(child[0], child, envp);
    _exit(98);
  }
  return ended_well(pid);
}

static void* on_a_small_stack(void* envp) { return vforks(envp) && spawns(envp) && vforks(envp) ? envp : NULL; }

static void handler(int number) {
  (void)number;
  handled = vforks(few) && vforks(many);
}

static void* in_malloc(void* unused) {
  (void)unused;
  // Behind the children, or those would wait for their turn among a thousand.
  const struct sched_param none = {0};
  sched_setscheduler(0, SCHED_IDLE, &none);
  while (!stop) free(malloc(100000));
  return NULL;
}

static void* shells(void* unused) {
  (void)unused;
  char command[4200];
  snprintf(command, sizeof command, "exec %s >/dev/null", child[0]);
  for (int i = 0; i < 30; ++i)
    if (system(command) != 0) return "system";
  return NULL;
}

static void* waits(void* unused) {
  (void)unused;
  system("exec sleep 60");
  return NULL;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  child[0] = argv[1];
  for (int i = 0; i < kVariables; ++i)
    if (asprintf(&many[i], "VARIABLE_%d=value", i) < 0) return 2;
  if (freopen("/dev/null", "w", stdout) == NULL) return 2;

  pthread_attr_t small;
  pthread_attr_init(&small);
  if (pthread_attr_setstacksize(&small, 16384) != 0) return perror("16 KiB"), 2;
  for (int round = 0; round < 2; ++round) {
    pthread_t thread;
    void* result = NULL;
    if (pthread_create(&thread, &small, on_a_small_stack, round == 0 ? few : many) != 0) return 2;
    pthread_join(thread, &result);
    if (result == NULL) return fprintf(stderr, "16 KiB stack, %s variables\n", round == 0 ? "few" : "many"), 1;
  }

  signal(SIGUSR1, handler);
  raise(SIGUSR1);
  if (handled != 1) return fprintf(stderr, "signal handler\n"), 1;

  // system from several threads at once, with an environment that has lost the shims: all children have them, and
  // afterwards environ is the program's again.
  unsetenv("LD_PRELOAD");
  pthread_t threads[kThreads];
  for (int i = 0; i < 4; ++i)
    if (pthread_create(&threads[i], NULL, shells, NULL) != 0) return 2;
  for (int i = 0; i < 4; ++i) {
    void* result = NULL;
    pthread_join(threads[i], &result);
    if (result != NULL) return fprintf(stderr, "system from threads\n"), 1;
  }
  if (getenv("LD_PRELOAD") != NULL) return fprintf(stderr, "environ was not given back\n"), 1;

  // Cancelled in the middle of it, too.
  for (int i = 0; i < 3; ++i) {
    void* result = NULL;
    if (pthread_create(&threads[0], NULL, waits, NULL) != 0) return 2;
    while (getenv("LD_PRELOAD") == NULL) usleep(100);
    pthread_cancel(threads[0]);
    pthread_join(threads[0], &result);
    if (result != PTHREAD_CANCELED || getenv("LD_PRELOAD") != NULL) return fprintf(stderr, "a cancelled system\n"), 1;
  }

  // A variable that another thread sets while a shell runs is not lost.
  pthread_t shell;
  pthread_create(&shell, NULL, shells, NULL);
  for (int i = 0; i < 200; ++i) {
    char name[32];
    snprintf(name, sizeof name, "DURING_%d", i);
    setenv(name, "1", 1);
    usleep(300);
  }
  pthread_join(shell, NULL);
  for (int i = 0; i < 200; ++i) {
    char name[32];
    snprintf(name, sizeof name, "DURING_%d", i);
    if (getenv(name) == NULL) return fprintf(stderr, "%s was lost\n", name), 1;
  }

  pthread_attr_t modest;
  pthread_attr_init(&modest);
  pthread_attr_setstacksize(&modest, 65536);
  for (int i = 0; i < kThreads; ++i)
    if (pthread_create(&threads[i], &modest, in_malloc, NULL) != 0) return perror("1000 threads"), 2;
  int good = 0;
  for (int i = 0; i < kVforks; ++i) good += vforks(i % 2 == 0 ? few : many);
  stop = 1;
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  if (good != kVforks) return fprintf(stderr, "%d of %d vforks among threads in malloc\n", good, kVforks), 1;
  return 0;
}
