// Calls libc's syscall() in all manner of ways and prints what came back. The test runs it with and without
// libvgpu-syscall and compares: not a byte may differ.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kFutexWakeBitset = 10 };  // linux/futex.h, which musl-gcc does not find

static void result(const char* what, long answer) {
  printf("%s: %ld, errno %d\n", what, answer, errno);
  errno = 4242;  // a call that works leaves it alone
}

static void numbers(void) {
  errno = 4242;
  result("getppid twice", syscall(SYS_getppid) - syscall(SYS_getppid));
  result("close(-1)", syscall(SYS_close, -1));
  result("no such call", syscall(100000));
  result("number -1", syscall(-1L));
  result("number above 32 bits", syscall(1L << 40 | SYS_getpid) > 0);
  char* page = (char*)syscall(SYS_mmap, NULL, 8192L, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1L, 0L);
  result("mmap, six arguments", page != MAP_FAILED && (uintptr_t)page % 4096 == 0);
  memset(page, 7, 8192);
  char* moved = (char*)syscall(SYS_mremap, page, 8192L, 4096L, 0L);
  result("mremap stays", moved == page);
  result("mmap, bad flags", syscall(SYS_mmap, NULL, 4096L, PROT_READ, 0L, -1L, 0L));
  result("munmap", syscall(SYS_munmap, page, 4096L));
  int file = open("/proc/self/exe", O_RDONLY);
  char head[8] = {0};
  result("pread64, four arguments", syscall(SYS_pread64, file, head, 3L, 1L));
  result(head, 0);
  result("pread64, bad pointer", syscall(SYS_pread64, file, (void*)8, 3L, 1L));
  // The sixth argument must arrive: only bits that kFutexWakeBitset names are woken, and 0 is refused.
  uint32_t word = 0;
  result("futex, sixth argument 0", syscall(SYS_futex, &word, kFutexWakeBitset, 1L, NULL, NULL, 0L));
  result("futex, sixth argument", syscall(SYS_futex, &word, kFutexWakeBitset, 1L, NULL, NULL, 0x55L));
  struct timespec none = {0, 0};
  struct {
    const sigset_t* set;
    size_t size;
  } mask = {NULL, 3};
  sigset_t empty;
  sigemptyset(&empty);
  mask.set = &empty;
  result("pselect6, bad mask behind the sixth", syscall(SYS_pselect6, 0L, NULL, NULL, NULL, &none, &mask));
  mask.size = 8;
  result("pselect6", syscall(SYS_pselect6, 0L, NULL, NULL, NULL, &none, &mask));
  int pipe_[2];
  result("pipe2", syscall(SYS_pipe2, pipe_, O_CLOEXEC));
  off_t from = 0;
  result("copy_file_range, six arguments", syscall(SYS_copy_file_range, file, &from, pipe_[1], NULL, 16L, 0L));
  result("splice, six arguments", syscall(SYS_splice, file, &from, pipe_[1], NULL, 16L, 0L));
  close(file);
}

static char* const kNone[] = {NULL};

static void failures(void) {
  char* argv[] = {(char*)"x", NULL};
  char loop[] = "/tmp/syscall_calls.XXXXXX";
  if (mkdtemp(loop) == NULL) exit(2);
  char path[100], lines[100];
  snprintf(path, sizeof path, "%s/loop", loop);
  if (symlink(path, path) != 0) exit(2);
  snprintf(lines, sizeof lines, "%s/text", loop);
  int text = open(lines, O_CREAT | O_WRONLY, 0755);
  if (write(text, "not a program\n", 14) != 14) exit(2);
  close(text);
  char* long_name = malloc(10000);
  memset(long_name, 'a', 9999);
  long_name[9999] = '\0';
  const char* const paths[] = {"/nonexistent", "",    "/etc/passwd", "/etc/passwd/x", "/",
                               path,           lines, long_name,     "relative/none"};
  errno = 4242;
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; ++i) {
    result("execve", syscall(SYS_execve, paths[i], argv, kNone));
    result("execveat", syscall(SYS_execveat, AT_FDCWD, paths[i], argv, kNone, 0L));
  }
  result("execve, null path", syscall(SYS_execve, NULL, argv, kNone));
  result("execve, bad path", syscall(SYS_execve, (char*)8, argv, kNone));
  result("execve, null environment", syscall(SYS_execve, "/nonexistent", argv, NULL));
  result("execve, null arguments", syscall(SYS_execve, "/nonexistent", NULL, NULL));
  result("execveat, bad descriptor", syscall(SYS_execveat, 1000, "x", argv, kNone, 0L));
  result("execveat, bad flags", syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, kNone, 0x40000000L));
  result("execveat, empty path", syscall(SYS_execveat, AT_FDCWD, "", argv, kNone, (long)AT_EMPTY_PATH));
  result("execveat, no link", syscall(SYS_execveat, AT_FDCWD, path, argv, kNone, (long)AT_SYMLINK_NOFOLLOW));
  // One string of 128 KiB is too long whatever we add.
  char* huge = malloc(200000);
  memset(huge, 'a', 199999);
  huge[199999] = '\0';
  char* too_long[] = {huge, NULL};
  result("execve, an argument too long", syscall(SYS_execve, "/bin/true", too_long, kNone));
  result("execve, a variable too long", syscall(SYS_execve, "/bin/true", argv, too_long));
  unlink(path), unlink(lines), rmdir(loop);
}

int main(int argc, char** argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  numbers();
  failures();
  if (argc > 1) result("and the child", syscall(SYS_execve, argv[1], argv + 1, kNone));
  return 1;
}
