// The start of a program that runs on glibc before 2.34, built on a newer one: the crt1.o of that asks for
// __libc_start_main@GLIBC_2.34. As in the psABI: argc and argv on the stack, a function to register with atexit in rdx.
// There are no constructors to run.
extern "C" int main(int, char**);
extern "C" int __libc_start_main(int (*)(int, char**), int, char**, void (*)(), void (*)(), void (*)(), void*);
asm(".symver __libc_start_main, __libc_start_main@GLIBC_2.2.5");

extern "C" [[gnu::used, noreturn]] void vgpu_old_start(long* stack, void (*at_exit)()) {
  __libc_start_main(main, static_cast<int>(stack[0]), reinterpret_cast<char**>(stack + 1), nullptr, nullptr, at_exit,
                    stack);
  __builtin_unreachable();
}

asm(".globl _start\n.type _start, @function\n_start:\n  xorl %ebp, %ebp\n  movq %rsp, %rdi\n  movq %rdx, %rsi\n"
    "  andq $-16, %rsp\n  call vgpu_old_start\n  hlt\n");
