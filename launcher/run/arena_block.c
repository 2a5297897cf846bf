/* In C, and compiled with -fcommon: the linker puts common symbols behind every other variable. In front of them half
   a MiB would part the few variables that a launch touches, and each page of these costs a fault. */
#include "launcher/run/arena_block.h"

unsigned char vgpu_arena_block[VGPU_ARENA_BLOCK] __attribute__((aligned(4096)));
