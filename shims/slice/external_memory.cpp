// Memory that another API made (Vulkan, Direct3D). Its allocation was nothing that anybody here saw, yet it is memory
// of this device that this process uses; so it counts from the import on, every import for itself.
#include "shims/slice/quota.h"

using namespace vgpu::slice;
namespace abi = vgpu::abi;

namespace {

struct Description {  // the head of CUDA_EXTERNAL_MEMORY_HANDLE_DESC
  int type;
  alignas(8) unsigned char handle[16];
  unsigned long long bytes;
  unsigned flags;
};
constexpr int kNvSci = 8;  // CU_EXTERNAL_MEMORY_HANDLE_TYPE_NVSCIBUF: the memory of a system on a chip

}  // namespace

VGPU_CUDA cuImportExternalMemory(void** memory, const Description* description) {
  const auto ask = [&] { return real(abi::k_cuImportExternalMemory, memory, description); };
  if (!has_quota() || memory == nullptr || description == nullptr || description->type == kNvSci) return ask();
  return charged(Kind::external, current_number(), description->bytes, ask,
                 [&] { return reinterpret_cast<std::uint64_t>(*memory); });
}

VGPU_CUDA cuDestroyExternalMemory(void* memory) {
  return released(Kind::external, reinterpret_cast<std::uint64_t>(memory),
                  [&] { return real(abi::k_cuDestroyExternalMemory, memory); });
}
