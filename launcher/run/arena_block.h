/* The memory that arena.cpp begins with; what is not touched costs nothing. */
#pragma once

#define VGPU_ARENA_BLOCK (512u << 10)

#ifdef __cplusplus
extern "C" {
#endif

extern unsigned char vgpu_arena_block[VGPU_ARENA_BLOCK];

#ifdef __cplusplus
}
#endif
