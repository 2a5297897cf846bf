#include "tests/programs/fake_driver/visible.h"

#include <cctype>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace {

FakeGpu gpu(int number) { return {0xa0 + number, 64 - number}; }
FakeGpu instance(int number) { return {0xe0 + number, gpu(0).bus}; }

std::string uuid_of(const FakeGpu& one) {
  constexpr char kDigits[] = "0123456789abcdef";
  return std::string{kDigits[one.uuid >> 4 & 15], kDigits[one.uuid & 15]} + std::string(30, '0');
}

// What a driver of version 580 does, measured: an entry of a list of numbers.
std::vector<FakeGpu> numbered(const std::string& entry, int machine) {
  char* end = nullptr;
  const int number = static_cast<int>(std::strtol(entry.c_str(), &end, 10));
  if (end == entry.c_str() || number < 0 || number >= machine) return {};
  return {gpu(number)};
}

// And of a list of UUIDs.
std::vector<FakeGpu> called(const std::string& entry, int machine, int instances) {
  std::string digits;
  if (entry.rfind("GPU-", 0) != 0 && entry.rfind("MIG-", 0) != 0) return {};
  for (const char c : entry.substr(4)) {
    if (digits.size() == 32) break;
    if (c != '-' && std::isxdigit(static_cast<unsigned char>(c)) == 0) return {};
    if (c != '-') digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  std::vector<FakeGpu> found;
  for (int i = 0; i < machine; ++i) {
    if (uuid_of(gpu(i)).rfind(digits, 0) == 0) found.push_back(gpu(i));
  }
  for (int i = 0; i < instances; ++i) {
    if (uuid_of(instance(i)).rfind(digits, 0) == 0) found.push_back(instance(i));
  }
  return found;
}

}  // namespace

int fake_number(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : otherwise;
}

int fake_visible_gpus(FakeGpu (&gpus)[kMostGpus]) {
  const int machine = fake_number("FAKE_GPUS", -1);
  const char* variable = std::getenv("CUDA_VISIBLE_DEVICES");
  int count = 0;
  if (machine < 0 || variable == nullptr) {
    const int all = machine < 0 ? fake_number("FAKE_DEVICES", 1) : machine;
    for (; count < all && count < kMostGpus; ++count) gpus[count] = gpu(fake_number("FAKE_FIRST", 0) + count);
    return count;
  }
  std::istringstream list(variable);
  const bool uuids = std::string(variable).rfind("GPU-", 0) == 0 || std::string(variable).rfind("MIG-", 0) == 0;
  for (std::string entry; count < kMostGpus && std::getline(list, entry, ',');) {
    const std::vector<FakeGpu> found =
        uuids ? called(entry, machine, fake_number("FAKE_MIG", 0)) : numbered(entry, machine);
    if (found.size() != 1) break;
    for (int i = 0; i < count; ++i) {
      if (gpus[i].uuid == found[0].uuid) return kNamedTwice;
    }
    gpus[count++] = found[0];
    if (found[0].uuid >= 0xe0) break;  // one instance at most
  }
  return count;
}
