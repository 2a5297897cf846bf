// The exported doors. In a file of their own: to its neighbours these names mean the ones of libc.

#ifndef __x86_64__
#error "doors are written for x86-64 only"
#endif

// At the entry of a function the stack is 8 off a multiple of 16.
#define VGPU_DOOR_HEAD(name) ".globl " #name "\n.type " #name ", @function\n.balign 16\n" #name ":\n"
#define VGPU_DOOR_TAIL(name)                            \
  "  movq vgpu_next_" #name                             \
  "(%rip), %rax\n"                                      \
  "  testq %rax, %rax\n  jz 1f\n  jmp *%rax\n"          \
  "1: pushq %rdi\n  pushq %rsi\n  pushq %rdx\n"         \
  "  call vgpu_door_find_" #name                        \
  "\n"                                                  \
  "  popq %rdx\n  popq %rsi\n  popq %rdi\n"             \
  "  testq %rax, %rax\n  jz 2f\n  jmp *%rax\n"          \
  "2: ret\n" /* null: there is no such function here */ \
  ".size " #name ", . - " #name "\n"

asm(".pushsection .text.vgpu_doors,\"ax\",@progbits\n" VGPU_DOOR_HEAD(dlopen)  // (file, mode)
    "  pushq %rsi\n"
    "  call vgpu_door_file\n"
    "  popq %rsi\n"
    "  movq %rax, %rdi\n" VGPU_DOOR_TAIL(dlopen) VGPU_DOOR_HEAD(dlmopen)  // (namespace, file, mode)
    "  pushq %rdi\n  pushq %rdx\n  subq $8, %rsp\n"
    "  movq %rsi, %rdi\n"
    "  call vgpu_door_file\n"
    "  addq $8, %rsp\n  popq %rdx\n  popq %rdi\n"
    "  movq %rax, %rsi\n" VGPU_DOOR_TAIL(dlmopen) VGPU_DOOR_HEAD(dlsym)  // (handle, name)
    "  pushq %rsi\n"
    "  call vgpu_door_handle\n"
    "  popq %rsi\n"
    "  movq %rax, %rdi\n" VGPU_DOOR_TAIL(dlsym) ".popsection\n");
