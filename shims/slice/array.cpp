// Arrays and mipmapped arrays. A level or a plane of one is part of it and costs nothing.
#include "shims/slice/array_size.h"
#include "shims/slice/quota.h"

using namespace vgpu::slice;
namespace abi = vgpu::abi;

namespace {

using Array = void*;

// CUDA_ARRAY_DESCRIPTOR and CUDA_ARRAY3D_DESCRIPTOR, of CUDA before 3.2 (unsigned) and since.
template <class Size>
struct Flat {
  Size width;
  Size height;
  int format;
  unsigned channels;
};
template <class Size>
struct Deep {
  Size width;
  Size height;
  Size depth;
  int format;
  unsigned channels;
  unsigned flags;
};

template <class Size>
ArrayDescriptor described(const Flat<Size>& flat) {
  return {.width = flat.width,
          .height = flat.height,
          .depth = 0,
          .format = flat.format,
          .channels = flat.channels,
          .flags = 0};
}
template <class Size>
ArrayDescriptor described(const Deep<Size>& deep) {
  return {.width = deep.width,
          .height = deep.height,
          .depth = deep.depth,
          .format = deep.format,
          .channels = deep.channels,
          .flags = deep.flags};
}

template <class Descriptor, class... Levels>
CUresult create(Kind kind, unsigned index, Array* array, const Descriptor* descriptor, Levels... levels) {
  const auto ask = [&] { return real(index, array, descriptor, levels...); };
  const int number = has_quota() && array != nullptr && descriptor != nullptr ? current_number() : -1;
  if (number < 0) return ask();
  const std::uint64_t bytes = array_size(described(*descriptor), (0U + ... + levels));
  return charged(kind, number, bytes, ask, [&] { return reinterpret_cast<std::uint64_t>(*array); });
}

CUresult destroy(Kind kind, unsigned index, Array array) {
  return released(kind, reinterpret_cast<std::uint64_t>(array), [&] { return real(index, array); });
}

}  // namespace

VGPU_CUDA cuArrayCreate_v2(Array* array, const Flat<std::size_t>* descriptor) {
  return create(Kind::array, abi::k_cuArrayCreate_v2, array, descriptor);
}
VGPU_CUDA cuArrayCreate(Array* array, const Flat<unsigned>* descriptor) {
  return create(Kind::array, abi::k_cuArrayCreate, array, descriptor);
}
VGPU_CUDA cuArray3DCreate_v2(Array* array, const Deep<std::size_t>* descriptor) {
  return create(Kind::array, abi::k_cuArray3DCreate_v2, array, descriptor);
}
VGPU_CUDA cuArray3DCreate(Array* array, const Deep<unsigned>* descriptor) {
  return create(Kind::array, abi::k_cuArray3DCreate, array, descriptor);
}
VGPU_CUDA cuArrayDestroy(Array array) { return destroy(Kind::array, abi::k_cuArrayDestroy, array); }

VGPU_CUDA cuMipmappedArrayCreate(Array* array, const Deep<std::size_t>* descriptor, unsigned levels) {
  return create(Kind::mipmapped, abi::k_cuMipmappedArrayCreate, array, descriptor, levels);
}
VGPU_CUDA cuMipmappedArrayDestroy(Array array) {
  return destroy(Kind::mipmapped, abi::k_cuMipmappedArrayDestroy, array);
}
