// CUDA_VISIBLE_DEVICES: every row is what driver 580.159.04 did on a machine with two H200, b0f49ed7... and 3f5d8e3c...
#include "shims/device/visible_devices.h"

#include <doctest/doctest.h>

#include <string>

using namespace vgpu::device;

namespace {

constexpr char kFirst[] = "GPU-b0f49ed7-02c3-2281-a53a-518bb49efb38";
constexpr char kSecond[] = "GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f";

// The devices in order, "twice", or "" for none.
std::string seen(const char* value) {
  const UuidDigits devices[] = {uuid_digits(std::string_view(kFirst)), uuid_digits(std::string_view(kSecond))};
  int chosen[kMaxDevices];
  const int count = visible_devices(devices, 2, value, chosen);
  if (count == kNamedTwice) return "twice";
  std::string text;
  for (int i = 0; i < count; ++i) text += std::to_string(chosen[i]);
  return text;
}

struct Row {
  const char* value;
  const char* devices;
};

}  // namespace

TEST_CASE("numbers") {
  for (const Row& row : {Row{"", ""},
                         {"-1", ""},
                         {"0", "0"},
                         {"1", "1"},
                         {"2", ""},
                         {"1,0", "10"},
                         {"0,-1,1", "0"},
                         {"2,0", ""},
                         {"0,2,1", "0"},
                         {" 0", "0"},
                         {"0 ", "0"},
                         {"1, 0", "10"},
                         {"1 ,0", "10"},
                         {"0,", "0"},
                         {",0", ""},
                         {",", ""},
                         {" ", ""},
                         {"0,,1", "0"},
                         {"0, ,1", "0"},
                         {"0 1", "0"},
                         {"0 1,1", "01"},
                         {"0;1,1", "01"},
                         {"0:1", "0"},
                         {"00", "0"},
                         {"01", "1"},
                         {"0x1", "0"},
                         {"0x1,1", "01"},
                         {"0b1", "0"},
                         {"1a,0", "10"},
                         {"1#,0", "10"},
                         {"1.5", "1"},
                         {"1e0", "1"},
                         {"+1", "1"},
                         {"0,+1", "01"},
                         {"-0", "0"},
                         {"--1", ""},
                         {" -1", ""},
                         {"#", ""},
                         {"\t1", "1"},
                         {"\n1", "1"},
                         {"1\t,0", "10"},
                         {"4294967296", "0"},
                         {"4294967297", "1"},
                         {"18446744073709551617", ""},
                         {"99999999999999999999", ""},
                         {"none", ""},
                         {"NoDevFiles", ""},
                         {"all", ""},
                         {"0,1,2,3,4,5", "01"}}) {
    CAPTURE(std::string(row.value));
    CHECK(seen(row.value) == std::string(row.devices));
  }
  CHECK(seen(nullptr) == "01");
}

TEST_CASE("a device that is named twice, before the list ends") {
  for (const char* value : {"0,0", "1,1,0", "0,1,1", "0,1,0", "0,1,0,x", "1,1,9", "0,-0", "GPU-3f5d8e3c,GPU-3f5d8e3c",
                            "GPU-3f5d8e3c,GPU-3f5d"}) {
    CAPTURE(std::string(value));
    CHECK(seen(value) == "twice");
  }
  for (const Row& row : {Row{"0,x,0", "0"},
                         {"0,1,,1", "01"},
                         {"0,1,9,0", "01"},
                         {"9,1,1", ""},
                         {"GPU-3f5d8e3c,GPU-x,GPU-3f5d8e3c", "1"}}) {
    CAPTURE(std::string(row.value));
    CHECK(seen(row.value) == std::string(row.devices));
  }
}

TEST_CASE("UUIDs") {
  for (const Row& row : {Row{kSecond, "1"},
                         {"GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f,GPU-b0f49ed7-02c3-2281-a53a-518bb49efb38", "10"},
                         {"GPU-3f5d8e3c", "1"},
                         {"GPU-3f5d", "1"},
                         {"GPU-3", "1"},
                         {"GPU-", ""},
                         {"GPU", ""},
                         {"GPU-3F5D8E3C-ECD8-9CFA-4A21-8B2F6265171F", "1"},
                         {"gpu-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f", ""},
                         {"3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f", ""},  // the number 3
                         {"GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f0", "1"},
                         {"GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f-", "1"},
                         {"GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f,GPU-b0f49ed7-02c3-2281-a53a-518bb49efb38abc", "10"},
                         {"GPU-3f5d8e3cecd89cfa4a218b2f6265171f", "1"},
                         {"GPU--3f5d8e3c", "1"},
                         {"GPU-3f5d8e3c-", "1"},
                         {"GPU-3f5d8e3c-,GPU-b0f49ed7", "10"},
                         {"GPU-3f5d8e3czz", ""},
                         {"GPU-3f5d8e3c ", ""},
                         {"GPU-3f5d8e3c x,GPU-b0f49ed7", ""},
                         {"GPU-3f5d8e3c;GPU-b0f49ed7", ""},
                         {" GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f", ""},
                         {"GPU-3f5d8e3c,  GPU-b0f49ed7", "1"},
                         {"GPU-3f5d8e3c ,GPU-b0f49ed7", ""},
                         {"GPU-3f5d8e3c,,GPU-b0f49ed7", "1"},
                         {"GPU-3f5d8e3c,GPU-x", "1"},
                         {"MIG-3f5d8e3c", "1"},
                         {"MIG-GPU-3f5d8e3c/1/0", ""},
                         {"GPU-b0f49ed7,MIG-1", "0"},
                         // Of the other kind than the first.
                         {"GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f,0", "1"},
                         {"GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f ,0", "1"},
                         {"GPU-3f5d8e3c, 0", "1"},
                         {"0,GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f", "0"},
                         {"1,GPU-3f5d8e3c-ecd8-9cfa-4a21-8b2f6265171f", "1"}}) {
    CAPTURE(std::string(row.value));
    CHECK(seen(row.value) == std::string(row.devices));
  }
}
