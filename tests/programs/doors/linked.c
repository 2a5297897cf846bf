/* Linked with libcuda.so.1: a function that the list has and the fake "old" driver has not. */
#include <stdio.h>

int cuInit(unsigned flags);
int cuGreenCtxCreate(void** context, void* description, int device, unsigned flags);

int main(void) {
  const int started = cuInit(0);
  printf("cuInit %d cuGreenCtxCreate %d\n", started, cuGreenCtxCreate(0, 0, 0, 0));
  return 0;
}
