// What a status is called: the only question about cuBLAS that has an answer without cuBLAS. Compiled into each of the
// four libraries under the names that library has for it (VGPU_STATUS_NAME, VGPU_STATUS_STRING).
namespace {

struct Status {
  int code;
  const char* name;
  const char* text;
};

// Codes and names: the cuBLAS documentation, "cublasStatus_t".
constexpr Status kStatuses[] = {
    {0, "CUBLAS_STATUS_SUCCESS", "success"},
    {1, "CUBLAS_STATUS_NOT_INITIALIZED", "the library was not initialized"},
    {3, "CUBLAS_STATUS_ALLOC_FAILED", "the resource allocation failed"},
    {7, "CUBLAS_STATUS_INVALID_VALUE", "an unsupported value or parameter was passed to the function"},
    {8, "CUBLAS_STATUS_ARCH_MISMATCH", "the function requires a feature absent from the device architecture"},
    {11, "CUBLAS_STATUS_MAPPING_ERROR", "an access to GPU memory space failed"},
    {13, "CUBLAS_STATUS_EXECUTION_FAILED", "the function failed to launch on the GPU"},
    {14, "CUBLAS_STATUS_INTERNAL_ERROR", "an internal operation failed"},
    {15, "CUBLAS_STATUS_NOT_SUPPORTED", "the functionality requested is not supported"},
    {16, "CUBLAS_STATUS_LICENSE_ERROR", "the functionality requested requires some license and an error was detected"},
};

constexpr Status kUnknown = {-1, "CUBLAS_STATUS_UNKNOWN", "unknown status"};

const Status& look_up(int code) {
  for (const Status& status : kStatuses) {
    if (status.code == code) return status;
  }
  return kUnknown;
}

}  // namespace

#define VGPU_FALLBACK extern "C" __attribute__((visibility("default")))

VGPU_FALLBACK const char* VGPU_STATUS_NAME(int status) { return look_up(status).name; }

VGPU_FALLBACK const char* VGPU_STATUS_STRING(int status) { return look_up(status).text; }
