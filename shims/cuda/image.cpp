#include "shims/cuda/image.h"

#include <string.h>

#include "shims/cuda/cubin.h"
#include "shims/cuda/ptx.h"

namespace vgpu::cuda {
namespace {

constexpr std::uint32_t kFatMagic = 0xba55ed50;
constexpr std::uint32_t kWrapperMagic = 0x466243b1;

// What nvcc puts beside each fat binary and registers (fatbinary_section.h of the toolkit).
struct Wrapper {
  std::uint32_t magic;
  std::uint32_t version;
  const void* data;
  const void* file_name;
};
static_assert(sizeof(Wrapper) == 24);

struct FatHeader {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t header_size;
  std::uint64_t size;  // of all entries
};
static_assert(sizeof(FatHeader) == 16);

// The header of each entry, as far as we read it; header_size says where the entry's bytes begin.
struct FatEntry {
  std::uint16_t kind;
  std::uint16_t version;
  std::uint32_t header_size;
  std::uint64_t size;
  std::uint32_t compressed_size;
  std::uint32_t reserved;
  std::uint16_t minor;
  std::uint16_t major;
  std::uint32_t architecture;
  std::uint32_t name_offset;
  std::uint32_t name_length;
  std::uint64_t flags;
};
static_assert(sizeof(FatEntry) == 48);

constexpr std::uint16_t kKindPtx = 1;
constexpr std::uint16_t kKindCubin = 2;
constexpr std::uint64_t kCompressed = 0x1000 | 0x2000 | 0x8000;  // the three methods that fatbinary has had

// A cubin runs on devices of its own major version that are not older; PTX is compiled for any device that is not
// older.
bool cubin_suits(int architecture, int capability) {
  return architecture / 10 == capability / 10 && architecture % 10 <= capability % 10;
}
bool ptx_suits(int architecture, int capability) { return architecture <= capability; }

// Calls visit(entry, bytes) for each entry; false when the entries do not fill the fat binary exactly.
template <typename Visit>
bool each_entry(const Image& image, Visit visit) {
  FatHeader header = {};
  memcpy(&header, image.bytes, sizeof header);
  std::uint64_t at = header.header_size;
  while (at < image.size) {
    FatEntry entry = {};
    if (image.size - at < sizeof entry) return false;
    memcpy(&entry, image.bytes + at, sizeof entry);
    if (entry.header_size < sizeof entry || entry.header_size > image.size - at) return false;
    at += entry.header_size;
    if (entry.size > image.size - at) return false;
    if (visit(entry, image.bytes + at)) return true;
    at += entry.size;
  }
  return true;
}

bool suits(const FatEntry& entry, int capability) {
  const int architecture = static_cast<int>(entry.architecture & 0xffff);
  switch (entry.kind) {
    case kKindCubin: return cubin_suits(architecture, capability);
    case kKindPtx: return ptx_suits(architecture, capability);
    default: return true;  // newer than we are: not ours to refuse
  }
}

// The entry as an image of its own; false when its names cannot be read.
bool readable(const FatEntry& entry, const unsigned char* bytes, Image& image) {
  if ((entry.flags & kCompressed) != 0 || entry.compressed_size != 0) return false;
  int ignored = 0;
  if (entry.kind == kKindCubin) {
    image.format = ImageFormat::cubin;
    image.bytes = bytes;
    return cubin::read_header(bytes, entry.size, image.size, ignored);
  }
  image.format = ImageFormat::ptx;
  image.bytes = bytes;
  int target = 0;
  return entry.kind == kKindPtx && ptx::read_header(bytes, entry.size, image.size, ignored, target);
}

CUresult recognise_fat(const unsigned char* bytes, std::size_t limit, int capability, Image& image) {
  FatHeader header = {};
  if (limit < sizeof header) return CUDA_ERROR_INVALID_IMAGE;
  memcpy(&header, bytes, sizeof header);
  if (header.version != 1 || header.header_size < sizeof header) return CUDA_ERROR_INVALID_IMAGE;
  std::size_t size = 0;
  if (__builtin_add_overflow(header.size, header.header_size, &size) || size > limit) return CUDA_ERROR_INVALID_IMAGE;
  image = {ImageFormat::fat_binary, bytes, size};
  bool any = false;
  const bool sound =
      each_entry(image, [&](const FatEntry& entry, const unsigned char*) { return any = suits(entry, capability); });
  if (!sound) return CUDA_ERROR_INVALID_IMAGE;
  return any ? CUDA_SUCCESS : CUDA_ERROR_NO_BINARY_FOR_GPU;
}

CUresult recognise_cubin(const unsigned char* bytes, std::size_t limit, int capability, Image& image) {
  int architecture = 0;
  image = {ImageFormat::cubin, bytes, 0};
  if (!cubin::read_header(bytes, limit, image.size, architecture)) return CUDA_ERROR_INVALID_IMAGE;
  return cubin_suits(architecture, capability) ? CUDA_SUCCESS : CUDA_ERROR_NO_BINARY_FOR_GPU;
}

CUresult recognise_ptx(const unsigned char* bytes, std::size_t limit, Image& image) {
  // Text is told from rubbish by its first byte, before anybody looks for an end of it.
  const unsigned char first = limit != 0 ? bytes[0] : 0;
  const bool text = first == '\n' || first == '\r' || first == '\t' || (first >= 0x20 && first < 0x7f);
  if (!text) return CUDA_ERROR_INVALID_IMAGE;
  int version = 0;
  int target = 0;
  image = {ImageFormat::ptx, bytes, 0};
  ptx::read_header(bytes, limit, image.size, version, target);
  return CUDA_SUCCESS;
}

// The architecture of the cubin that a device of `capability` takes, -1 when it has to compile PTX or take something
// newer.
int best_cubin(const Image& image, int capability) {
  int best = -1;
  each_entry(image, [&](const FatEntry& entry, const unsigned char*) {
    const int architecture = static_cast<int>(entry.architecture & 0xffff);
    if (entry.kind == kKindCubin && cubin_suits(architecture, capability) && architecture > best) best = architecture;
    return false;
  });
  return best;
}

// Asks the parts that a device of `capability` would take. A name is missing when each of them is readable and has it
// not.
template <typename Ask>
Presence ask_parts(const Image& image, int capability, Ask ask) {
  if (image.format != ImageFormat::fat_binary) return ask(image);
  const int best = best_cubin(image, capability);
  Presence answer = Presence::missing;
  each_entry(image, [&](const FatEntry& entry, const unsigned char* bytes) {
    const bool known = entry.kind == kKindCubin || entry.kind == kKindPtx;
    const bool is_best = entry.kind == kKindCubin && static_cast<int>(entry.architecture & 0xffff) == best;
    if (known && best >= 0 ? !is_best : !suits(entry, capability)) return false;
    Image part = {};
    const Presence one = readable(entry, bytes, part) ? ask(part) : Presence::unknown;
    if (one != Presence::missing) answer = one;
    return one == Presence::there;
  });
  return answer;
}

// What the part was compiled for. PTX is compiled for the device that is there.
void read_architecture(const Image& part, KernelFacts& facts) {
  std::size_t size = 0;
  int version = 0;
  if (part.format == ImageFormat::ptx) {
    ptx::read_header(part.bytes, part.size, size, version, facts.ptx);
  } else if (cubin::read_header(part.bytes, part.size, size, facts.binary)) {
    facts.ptx = facts.binary;
  }
}

}  // namespace

CUresult recognise(const void* data, std::size_t limit, int capability, Image& image) {
  image = {};
  if (data == nullptr) return CUDA_ERROR_INVALID_VALUE;
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::uint32_t magic = 0;
  if (limit >= sizeof magic) memcpy(&magic, bytes, sizeof magic);
  if (magic == kWrapperMagic && limit == kUnknownSize) {
    Wrapper wrapper = {};
    memcpy(&wrapper, bytes, sizeof wrapper);
    if (wrapper.data == nullptr) return CUDA_ERROR_INVALID_IMAGE;
    bytes = static_cast<const unsigned char*>(wrapper.data);
    memcpy(&magic, bytes, sizeof magic);
  }
  if (magic == kFatMagic) return recognise_fat(bytes, limit, capability, image);
  if (cubin::is_elf(bytes, limit)) return recognise_cubin(bytes, limit, capability, image);
  return recognise_ptx(bytes, limit, image);
}

CUresult check_text(const Image& image, int capability) {
  return image.format == ImageFormat::ptx ? ptx::check(image, capability) : CUDA_SUCCESS;
}

Presence find_kernel(const Image& image, int capability, const char* name, KernelFacts& facts) {
  facts = {};
  facts.parameters = -1;
  return ask_parts(image, capability, [&](const Image& part) {
    const Presence presence =
        part.format == ImageFormat::cubin ? cubin::find_kernel(part, name, facts) : ptx::find_kernel(part, name, facts);
    if (presence == Presence::there) read_architecture(part, facts);
    return presence;
  });
}

Presence find_variable(const Image& image, int capability, const char* name, VariableFacts& facts) {
  facts = {};
  return ask_parts(image, capability, [&](const Image& part) {
    return part.format == ImageFormat::cubin ? cubin::find_variable(part, name, facts)
                                             : ptx::find_variable(part, name, facts);
  });
}

bool each_kernel(const Image& image, int capability, KernelVisitor visit, void* data) {
  // All parts have the same kernels: the first that can be read will do.
  bool read = false;
  const Presence answer = ask_parts(image, capability, [&](const Image& part) {
    if (read) return Presence::missing;
    read =
        part.format == ImageFormat::cubin ? cubin::each_kernel(part, visit, data) : ptx::each_kernel(part, visit, data);
    return read ? Presence::there : Presence::unknown;
  });
  return read || answer == Presence::missing;
}

}  // namespace vgpu::cuda
