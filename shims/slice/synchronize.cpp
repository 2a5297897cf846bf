// Where a pool gives back what its release threshold lets it: the driver does that when it has waited for a stream.
#include "shims/slice/quota.h"

using namespace vgpu::slice;
using vgpu::cuda::CUstream;
namespace abi = vgpu::abi;

namespace {

template <class... Arguments>
CUresult wait(unsigned index, Arguments... arguments) {
  const CUresult result = real(index, arguments...);
  settle_released();
  return result;
}

}  // namespace

VGPU_CUDA cuStreamSynchronize(CUstream stream) { return wait(abi::k_cuStreamSynchronize, stream); }
VGPU_CUDA cuStreamSynchronize_ptsz(CUstream stream) { return wait(abi::k_cuStreamSynchronize_ptsz, stream); }
VGPU_CUDA cuCtxSynchronize() { return wait(abi::k_cuCtxSynchronize); }
VGPU_CUDA cuCtxSynchronize_v2(void* context) { return wait(abi::k_cuCtxSynchronize_v2, context); }
VGPU_CUDA cuEventSynchronize(void* event) { return wait(abi::k_cuEventSynchronize, event); }
