#include "launcher/probe/verdict.h"

#include <algorithm>
#include <cstdio>

namespace vgpu::probe {
namespace {

bool is_nvml(const Answer& answer) { return answer.door.starts_with("nvml."); }

// What is different between two descriptions that should be of one device; empty: nothing.
std::string difference(const Device& one, const Device& other, bool with_memory) {
  if (one.uuid != other.uuid) return "UUID " + one.uuid + " against " + other.uuid;
  if (one.name != other.name) return "name '" + one.name + "' against '" + other.name + "'";
  if (one.pci != other.pci) return "PCI address " + one.pci + " against " + other.pci;
  if (one.capability != other.capability) {
    return "compute capability " + one.capability + " against " + other.capability;
  }
  if (with_memory && one.memory != other.memory) {
    return "memory " + std::to_string(one.memory) + " against " + std::to_string(other.memory) + " bytes";
  }
  return {};
}

class Judge {
 public:
  explicit Judge(Verdict& verdict) : verdict_(verdict) {}

  void compare_cuda(const Answer& first, const Answer& other) {
    if (first.devices.size() != other.devices.size()) {
      return differ(
          first, other,
          std::to_string(first.devices.size()) + " against " + std::to_string(other.devices.size()) + " devices");
    }
    for (std::size_t i = 0; i < first.devices.size(); ++i) {
      const std::string what = difference(first.devices[i], other.devices[i], true);
      if (!what.empty()) differ(first, other, "device " + std::to_string(i) + ", " + what);
    }
  }

  void compare_nvml(const Answer& cuda, const Answer& nvml) {
    for (const Device& device : cuda.devices) {
      const auto same = std::find_if(nvml.devices.begin(), nvml.devices.end(),
                                     [&](const Device& candidate) { return candidate.uuid == device.uuid; });
      if (same == nvml.devices.end()) {
        differ(cuda, nvml, "NVML does not know " + device.uuid);
      } else {
        compare_with_nvml(cuda, device, nvml, *same);
      }
    }
    if (nvml.devices.size() > cuda.devices.size()) {
      note("NVML sees " + std::to_string(nvml.devices.size()) + " devices, CUDA " +
           std::to_string(cuda.devices.size()) + ": CUDA_VISIBLE_DEVICES hides the others from CUDA alone");
    }
  }

 private:
  void compare_with_nvml(const Answer& cuda, const Device& device, const Answer& nvml, const Device& same) {
    const std::string what = difference(device, same, false);
    if (!what.empty()) return differ(cuda, nvml, what);
    if (same.memory == device.memory) return;
    const double more = static_cast<double>(same.memory) - static_cast<double>(device.memory);
    if (more < 0 || more > kOwnMemory * static_cast<double>(same.memory)) {
      return differ(cuda, nvml, difference(device, same, true));
    }
    note("NVML counts " + std::to_string(same.memory - device.memory) + " bytes of " + device.uuid +
         " that CUDA leaves to the driver");
  }

  void differ(const Answer& one, const Answer& other, const std::string& what) {
    verdict_.differences.push_back(one.door + " and " + other.door + ": " + what);
  }

  void note(const std::string& text) {
    auto& notes = verdict_.notes;
    if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.push_back(text);
  }

  Verdict& verdict_;
};

std::string plural(std::size_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

// "NVIDIA A100, 39.4 GiB" once for devices of one kind.
std::string kinds(const std::vector<Device>& devices) {
  std::vector<std::string> texts;
  for (const Device& device : devices) {
    const std::string text = device.name + ", " + gibibytes(device.memory);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  std::string line;
  for (const std::string& text : texts) line += (line.empty() ? "" : " and ") + text;
  return devices.size() == 1 ? line + ", " + devices.front().uuid : line;
}

}  // namespace

Verdict judge(const std::vector<Answer>& answers) {
  Verdict verdict;
  verdict.asked = answers.size();
  Judge judge(verdict);
  const Answer* first = nullptr;  // of CUDA
  const Answer* first_nvml = nullptr;
  for (const Answer& answer : answers) {
    if (!answer.error.empty()) continue;
    ++verdict.answered;
    const Answer*& reference = is_nvml(answer) ? first_nvml : first;
    if (reference != nullptr) judge.compare_cuda(*reference, answer);
    if (reference == nullptr) reference = &answer;
  }
  if (first != nullptr && first_nvml != nullptr) judge.compare_nvml(*first, *first_nvml);
  if (verdict.answered == 0) return verdict;
  verdict.devices = first != nullptr ? first->devices : first_nvml->devices;
  verdict.kind = !verdict.differences.empty() ? Verdict::Kind::disagree
                 : verdict.devices.empty()    ? Verdict::Kind::no_device
                                              : Verdict::Kind::agree;
  return verdict;
}

const char* name(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::agree: return "agree";
    case Verdict::Kind::disagree: return "disagree";
    case Verdict::Kind::no_device: return "no_device";
    case Verdict::Kind::no_answer: return "no_answer";
  }
  return "";
}

std::string gibibytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0));
  return text;
}

std::string summary(const Verdict& verdict) {
  const std::string through = "through " + std::to_string(verdict.answered) + " of " + plural(verdict.asked, "door");
  switch (verdict.kind) {
    case Verdict::Kind::agree:
      return "agree: " + plural(verdict.devices.size(), "device") + ", " + kinds(verdict.devices) + ", " + through;
    case Verdict::Kind::disagree:
      return "disagree: " + plural(verdict.differences.size(), "difference") + ", " + through;
    case Verdict::Kind::no_device: return "no device: CUDA answered " + through + " and has none";
    case Verdict::Kind::no_answer: break;
  }
  return "no GPU: neither CUDA nor NVML answered through any of " + plural(verdict.asked, "door");
}

}  // namespace vgpu::probe
