// A program linked against cuBLAS, as libggml-cuda.so is: fallback12, fallback13. Compiled once for each major.
#include <stddef.h>
#include <stdio.h>
#include <string.h>

// As the toolkit's headers declare them; this program is built without one.
int cublasCreate_v2(void** handle);
int cublasSgemm_v2(void* handle, int transa, int transb, int m, int n, int k, const float* alpha, const float* a,
                   int lda, const float* b, int ldb, const float* beta, float* c, int ldc);
const char* cublasGetStatusName(int status);
const char* cublasGetStatusString(int status);
int cublasLtCreate(void** handle);
const char* cublasLtGetStatusString(int status);

#define CHECK(condition)                           \
  do {                                             \
    if (!(condition)) {                            \
      fprintf(stderr, "not so: %s\n", #condition); \
      return 1;                                    \
    }                                              \
  } while (0)

int main(void) {
  void* handle = &handle;
  CHECK(cublasCreate_v2(&handle) == 15);
  CHECK(cublasCreate_v2(&handle) == 15);
  CHECK(handle == &handle);  // nothing was written
  CHECK(cublasLtCreate(&handle) == 15);
  CHECK(cublasLtCreate(NULL) == 15);
  float c = 3;
  CHECK(cublasSgemm_v2(NULL, 0, 0, 1, 1, 1, &c, &c, 1, &c, 1, &c, &c, 1) == 15);
  CHECK(c == 3);
  CHECK(strcmp(cublasGetStatusName(15), "CUBLAS_STATUS_NOT_SUPPORTED") == 0);
  CHECK(strcmp(cublasGetStatusName(0), "CUBLAS_STATUS_SUCCESS") == 0);
  CHECK(strlen(cublasGetStatusString(15)) > 0);
  CHECK(strlen(cublasLtGetStatusString(2)) > 0);
  return 0;
}
