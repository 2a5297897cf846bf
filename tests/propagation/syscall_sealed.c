// usage: syscall_sealed mdwe|filter COMMAND [ARG...]
// Runs COMMAND where code cannot be changed: by PR_SET_MDWE, or by the seccomp filter that MemoryDenyWriteExecute= of
// systemd before 253 sets: mprotect(PROT_EXEC) is EPERM. Status 77: this kernel has no such thing.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int filter(void) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof code[0], code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  // PR_SET_MDWE and PR_MDWE_REFUSE_EXEC_GAIN, since Linux 6.3: newer than the headers of Debian 12.
  if (strcmp(argv[1], "mdwe") == 0 ? prctl(65, 1L, 0L, 0L, 0L) != 0 : filter()) {
    perror(argv[1]);
    return 77;
  }
  execv(argv[2], argv + 2);
  perror(argv[2]);
  return 127;
}
