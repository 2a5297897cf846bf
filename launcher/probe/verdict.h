// Do the doors agree?
#pragma once

#include <string>
#include <vector>

#include "launcher/probe/answer.h"

namespace vgpu::probe {

struct Verdict {
  enum class Kind { agree, disagree, no_device, no_answer } kind = Kind::no_answer;
  std::vector<Device> devices;           // what was agreed on, in CUDA's order
  std::vector<std::string> differences;  // one sentence each
  std::vector<std::string> notes;        // differences that are as they should be
  std::size_t answered = 0;              // doors
  std::size_t asked = 0;
};

// CUDA's doors must give the same devices in the same order. NVML also sees what CUDA_VISIBLE_DEVICES hides,
// and on a real GPU counts the driver's own memory too (kOwnMemory); apart from that it must say the same of
// the same UUID.
Verdict judge(const std::vector<Answer>& answers);

// The share of a device's memory that a driver may keep for itself: what NVML may count more than CUDA.
inline constexpr double kOwnMemory = 0.05;

// "agree", "disagree", "no_device", "no_answer": as in the JSON.
const char* name(Verdict::Kind kind);

// The last line for people: "agree: 1 device, NVIDIA H100 80GB HBM3, 79.2 GiB, GPU-..., through 22 of 22
// doors".
std::string summary(const Verdict& verdict);

// "79.2 GiB"
std::string gibibytes(std::uint64_t bytes);

}  // namespace vgpu::probe
