// Numbers, strings and tables of a process of either class, read from its memory. Both machines that such a process
// can run on beside us have our byte order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "launcher/os/address_space.h"
#include "launcher/os/auxiliary_vector.h"

namespace vgpu::os {

class ForeignMemory {
 public:
  ForeignMemory(const AddressSpace& memory, int elf_class) : memory_(memory), is64_(elf_class == 64) {}

  bool is64() const { return is64_; }
  std::uint64_t width() const { return is64_ ? 8 : 4; }

  std::optional<std::uint64_t> number(std::uint64_t address, unsigned bytes) const;
  std::optional<std::uint64_t> native(std::uint64_t address) const { return number(address, is64_ ? 8 : 4); }
  // `count` numbers of the class's width that follow each other.
  std::optional<std::vector<std::uint64_t>> natives(std::uint64_t address, unsigned count) const;
  // A string that ends within `limit` bytes.
  std::optional<std::string> string(std::uint64_t address, std::size_t limit) const;

 private:
  const AddressSpace& memory_;
  bool is64_;
};

struct ForeignSegment {
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;  // in memory
};

// The program's headers, where the kernel says they are. Empty where they cannot be read or make no sense.
std::vector<ForeignSegment> read_segments(const ForeignMemory& memory, const AuxiliaryVector& auxiliary);

// By how much the program was moved from the addresses in its headers.
std::uint64_t load_bias(const std::vector<ForeignSegment>& segments, const AuxiliaryVector& auxiliary);

struct ForeignDynamic {
  std::uint64_t tag = 0;
  std::uint64_t value = 0;
};

// Up to DT_NULL, the end of readable memory, or more entries than any linker writes.
std::vector<ForeignDynamic> read_dynamic(const ForeignMemory& memory, std::uint64_t address);

// The tables that a dynamic section points to. glibc writes addresses over the offsets, musl and the vDSO leave them.
struct DynamicTables {
  std::uint64_t strings = 0;
  std::uint64_t strings_size = 0;
  std::uint64_t symbols = 0;
  std::uint64_t gnu_hash = 0;
};
DynamicTables dynamic_tables(const std::vector<ForeignDynamic>& dynamic, std::uint64_t bias);

}  // namespace vgpu::os
