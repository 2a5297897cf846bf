// stay [HOW WHAT]... [HOW PROGRAM ARGUMENT...]: does what it is told, writes "up NAME", and stays until it is ended or
// its parent is. What vgpuctl verify is shown by the tests of this folder.
//   open deep space LIBRARY   dlopen, dlopen with RTLD_DEEPBIND, dlmopen
//   init 0                    cuInit, from whichever library has it
//   start PROGRAM...          a child with our environment
//   clean raw PROGRAM...      a child with an empty one: by execve, and by an instruction that no library sees
//   only VARIABLE PROGRAM...  a child with nothing but VARIABLE (NAME=VALUE) in its environment
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#ifndef STATIC
#include <dlfcn.h>
#endif

extern char** environ;

static void raw_exec(char** words, char** environment) {
#ifdef __x86_64__
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(59), "D"(words[0]), "S"(words), "d"(environment)
                   : "rcx", "r11", "memory");
#else
  execve(words[0], words, environment);
#endif
}

static void child(const char* how, char** words) {
  char* none[] = {NULL, NULL};
  if (fork() != 0) return;
  if (strcmp(how, "only") == 0) none[0] = *words++;
  if (strcmp(how, "raw") == 0) raw_exec(words, none);
  execve(words[0], words, strcmp(how, "start") == 0 ? environ : none);
  perror(words[0]);
  _exit(1);
}

#ifdef STATIC
static int library(const char* how, const char* what) { return (void)how, (void)what, 1; }
#else
static int library(const char* how, const char* what) {
  if (strcmp(how, "open") == 0) return dlopen(what, RTLD_NOW) == NULL;
  if (strcmp(how, "deep") == 0) return dlopen(what, RTLD_NOW | RTLD_DEEPBIND) == NULL;
  if (strcmp(how, "space") == 0) return dlmopen(LM_ID_NEWLM, what, RTLD_NOW) == NULL;
  int (*init)(unsigned) = (int (*)(unsigned))dlsym(RTLD_DEFAULT, "cuInit");
  return init == NULL || init((unsigned)atoi(what)) != 0;
}
#endif

int main(int count, char** words) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(120);
  for (int i = 1; i + 1 < count; i += 2) {
    if (strstr("start clean raw only", words[i]) != NULL) {
      child(words[i], words + i + 1);
      break;
    }
    if (library(words[i], words[i + 1]) != 0) return fprintf(stderr, "stay: %s %s\n", words[i], words[i + 1]), 1;
  }
  printf("up %s\n", words[0]);
  fflush(stdout);
  for (;;) pause();
}
