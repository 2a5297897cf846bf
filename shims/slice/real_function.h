// The functions of the real library behind a shim, by their places in its list.
#pragma once

extern "C" {
extern __attribute__((visibility("hidden"))) void* vgpu_abi_table[];
__attribute__((visibility("hidden"))) void* vgpu_abi_lookup(unsigned index);
}

namespace vgpu::slice {

// Null where the real library has none.
inline void* real_address(unsigned index) {
  void* known = __atomic_load_n(&vgpu_abi_table[index], __ATOMIC_ACQUIRE);
  return known != nullptr ? known : vgpu_abi_lookup(index);
}

// Calls it; `absent` where there is none.
template <class Result, class... Arguments>
Result call_real(unsigned index, Result absent, Arguments... arguments) {
  void* function = real_address(index);
  if (function == nullptr) return absent;
  return reinterpret_cast<Result (*)(Arguments...)>(function)(arguments...);
}

}  // namespace vgpu::slice
