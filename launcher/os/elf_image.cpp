#include "launcher/os/elf_image.h"

#include <elf.h>

namespace vgpu::os {
namespace {

constexpr std::uint64_t kMaxName = 4096;     // PATH_MAX: nothing longer can be opened
constexpr std::size_t kMaxSegments = 65536;  // e_phnum is 16 bits wide
constexpr std::size_t kMaxDynamic = 65536;

ElfError broken(std::string what) { return ElfError{false, std::move(what)}; }

boost::system::result<std::vector<ElfSegment>, ElfError> read_segments(const ElfBytes& bytes) {
  const bool is64 = bytes.is64();
  const std::uint64_t table = bytes.native(is64 ? 32 : 28);
  const std::uint64_t entry_size = bytes.half(is64 ? 54 : 42);
  const std::uint64_t count = bytes.half(is64 ? 56 : 44);
  if (count == 0) return std::vector<ElfSegment>();
  if (entry_size != (is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr))) {
    return broken("the program headers have an impossible size");
  }
  if (!bytes.holds(table, entry_size * count)) return broken("the program headers lie outside the file");
  std::vector<ElfSegment> segments;
  for (std::uint64_t i = 0; i < count && segments.size() < kMaxSegments; ++i) {
    const std::uint64_t at = table + i * entry_size;
    ElfSegment segment;
    segment.type = static_cast<std::uint32_t>(bytes.word(at));
    segment.flags = static_cast<std::uint32_t>(bytes.word(at + (is64 ? 4 : 24)));
    segment.offset = bytes.native(at + (is64 ? 8 : 4));
    segment.address = bytes.native(at + (is64 ? 16 : 8));
    segment.file_size = bytes.native(at + (is64 ? 32 : 16));
    segment.align = bytes.native(at + (is64 ? 48 : 28));
    segments.push_back(segment);
  }
  return segments;
}

}  // namespace

std::optional<std::uint64_t> ElfImage::offset_of(std::uint64_t address, std::uint64_t length) const {
  for (const ElfSegment& segment : segments) {
    if (segment.type != PT_LOAD || address < segment.address) continue;
    const std::uint64_t inside = address - segment.address;
    if (inside >= segment.file_size || length > segment.file_size - inside) continue;
    if (segment.offset > bytes.size() || inside > bytes.size() - segment.offset) continue;
    if (bytes.holds(segment.offset + inside, length)) return segment.offset + inside;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ElfImage::dynamic_value(std::uint64_t tag) const {
  for (const ElfDynamic& entry : dynamic) {
    if (entry.tag == tag) return entry.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> ElfImage::name_at(std::uint64_t index) const {
  if (index >= strings_end - strings) return std::nullopt;
  return bytes.string(strings + index, strings_end, kMaxName);
}

boost::system::result<ElfImage, ElfError> load_elf_image(std::span<const unsigned char> data) {
  if (data.size() < SELFMAG || std::memcmp(data.data(), ELFMAG, SELFMAG) != 0)
    return ElfError{true, "it has no ELF header"};
  if (data.size() < sizeof(Elf32_Ehdr)) return broken("the ELF header is cut off");
  const unsigned char elf_class = data[EI_CLASS];
  const unsigned char order = data[EI_DATA];
  if (elf_class != ELFCLASS32 && elf_class != ELFCLASS64) return broken("the ELF class is neither 32 nor 64 bit");
  if (order != ELFDATA2LSB && order != ELFDATA2MSB) return broken("the ELF byte order is unknown");
  const bool is64 = elf_class == ELFCLASS64;
  if (is64 && data.size() < sizeof(Elf64_Ehdr)) return broken("the ELF header is cut off");

  ElfImage image{ElfBytes(data, is64, order == ELFDATA2MSB), {}, {}};
  auto segments = read_segments(image.bytes);
  if (segments.has_error()) return segments.error();
  image.segments = std::move(*segments);

  for (const ElfSegment& segment : image.segments) {
    if (segment.type == PT_LOAD && segment.file_size != 0 && !image.bytes.holds(segment.offset, segment.file_size)) {
      return broken("a loadable segment ends behind the end of the file: it is truncated");
    }
  }
  for (const ElfSegment& segment : image.segments) {
    if (segment.type != PT_DYNAMIC) continue;
    if (!image.bytes.holds(segment.offset, segment.file_size)) return broken("the dynamic table lies outside the file");
    const std::uint64_t width = is64 ? 8 : 4;
    const std::uint64_t count = std::min<std::uint64_t>(segment.file_size / (2 * width), kMaxDynamic);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t at = segment.offset + i * 2 * width;
      const ElfDynamic entry{image.bytes.native(at), image.bytes.native(at + width)};
      if (entry.tag == DT_NULL) break;
      image.dynamic.push_back(entry);
    }
    break;
  }
  if (const auto address = image.dynamic_value(DT_STRTAB)) {
    const std::uint64_t size = image.dynamic_value(DT_STRSZ).value_or(0);
    if (const auto offset = image.offset_of(*address, size)) {
      image.strings = *offset;
      image.strings_end = *offset + size;
    } else {
      return broken("the table of dynamic strings lies outside the file");
    }
  }
  return image;
}

}  // namespace vgpu::os
