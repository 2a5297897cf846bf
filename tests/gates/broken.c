// A small library that keeps every rule, or with -DBREAK_... breaks one: the gate must see it (broken.cmake).
#define VISIBLE __attribute__((visibility("default")))

#if !defined(BREAK_MISSING)
VISIBLE int answer(void);
int answer(void) { return 42; }
#endif

#if defined(BREAK_VISIBLE)
VISIBLE int not_in_the_list(void);
int not_in_the_list(void) { return 1; }
#endif

#if defined(BREAK_KIND)
VISIBLE int variable(void);
int variable(void) { return 1; }
#else
VISIBLE int variable = 7;
#endif

// Of ours: allowed.
VISIBLE int vgpu_private(void);
int vgpu_private(void) { return 2; }

#if defined(BREAK_NEEDED)
double sin(double);
VISIBLE double (*const vgpu_sine)(double) = sin;
#endif

#if defined(BREAK_GLIBC)
void* dlsym(void*, const char*);  // GLIBC_2.34 where this is built
VISIBLE void* (*const vgpu_look_up)(void*, const char*) = dlsym;
#endif

#if defined(BREAK_MOVED)
void* dlsym(void*, const char*);
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");
VISIBLE void* (*const vgpu_look_up)(void*, const char*) = dlsym;
#endif

#if defined(BREAK_FREESTANDING)
int getpid(void);
VISIBLE int (*const vgpu_self)(void) = getpid;
#endif

#if defined(BREAK_UNDEFINED)
int nobody_has_this(void);
VISIBLE int (*const vgpu_nobody)(void) = nobody_has_this;
#endif

#if defined(BREAK_CONSTRUCTOR)
int constructed;
__attribute__((constructor)) static void construct(void) { constructed = 1; }
#endif

#if defined(BREAK_DESTRUCTOR)
int destructed;
__attribute__((destructor)) static void destruct(void) { destructed = 1; }
#endif

#if defined(BREAK_TEXTREL)
__asm__(".pushsection .text\n.quad answer\n.popsection");
#endif

#if defined(BREAK_WRITABLE_CODE)
__asm__(".pushsection .both,\"awx\",@progbits\n.quad 0\n.popsection");
#endif
