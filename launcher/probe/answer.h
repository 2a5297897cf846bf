// What one API said through one door.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vgpu::probe {

struct Device {
  std::string name;
  std::string uuid;          // "GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
  std::string pci;           // "0000:1b:00.0", small letters
  std::uint64_t memory = 0;  // bytes
  std::string capability;    // "9.0"
  bool operator==(const Device&) const = default;
};

struct Answer {
  std::string door;     // Door::id
  std::string error;    // empty: it answered. Else why not, one line
  std::string library;  // the file that answered, links resolved
  std::string version;  // what this API calls its version: "CUDA 13.0", "runtime 12.9", "driver 580.65.06"
  std::vector<Device> devices;
};

// The form in which a child hands its answer to its parent: one "KEY VALUE" a line, values without line
// feeds.
std::string to_lines(const Answer& answer);
Answer from_lines(const std::string& lines);

}  // namespace vgpu::probe
