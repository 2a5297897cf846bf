// What programs register at load: fat binaries, and the kernels and variables in them. A registration is a
// few stores; the driver is not touched, nothing is looked up. The first question builds an index of all
// names.
#pragma once

#include "shims/cudart/state.h"

namespace vgpu::cudart {

enum class Kind : unsigned char { function, variable, managed };

struct FatBinary;

// One registration.
struct Entry {
  const void* host;  // the address by which the program knows it: of a host function or a host variable
  const char* name;  // in the device code
  FatBinary* owner;
  void** made;       // by device: the CUfunction or the memory, null until first used; managed memory stands at 0
  std::size_t size;  // of a variable, bytes
  Kind kind;
};

// What nvcc puts beside each module and hands to __cudaRegisterFatBinary.
struct FatBinaryWrapper {
  int magic;
  int version;
  const void* data;
  void* file_name;
};

inline constexpr int kWrapperMagic = 0x466243b1;

FatBinary* add_fat_binary(const FatBinaryWrapper* wrapper);
void remove_fat_binary(FatBinary* binary);
void add_entry(FatBinary* binary, Kind kind, const void* host, const char* name, std::size_t size);

// The entry that the program knows by this address, or null.
Entry* find_entry(const void* host);

// Gives each managed variable of a fat binary its memory and the program the address of it.
cudaError_t make_managed(const Driver& driver, FatBinary* binary);

// The kernel of an entry on the current device; loads its module on first use.
cudaError_t function_of(const Driver& driver, Entry& entry, CUfunction& function);

// The device memory of a variable on the current device; made on first use, filled with zeros.
cudaError_t variable_of(const Driver& driver, Entry& entry, CUdeviceptr& pointer);

// Forgets what was made on a device, after its context was reset. Managed variables keep their addresses: the
// program has stored them, and the real runtime does not renew them either.
void forget_device(int device);

}  // namespace vgpu::cudart
