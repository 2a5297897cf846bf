// The memory of another process. What stands in it was written by that process, or by whoever took it over: a
// number that is read here is a claim, and an address leads anywhere.
#pragma once

#include <cstdint>
#include <span>

namespace vgpu::os {

class AddressSpace {
 public:
  virtual ~AddressSpace() = default;
  // Fills `to` from `address` on; false when not every byte of it can be read. Nothing is left half done: on
  // false `to` holds anything.
  virtual bool read(std::uint64_t address, std::span<unsigned char> to) const = 0;
};

}  // namespace vgpu::os
