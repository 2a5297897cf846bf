// The ways in which a program can come to a function of CUDA or NVML.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/probe/answer.h"

namespace vgpu::probe {

enum class Api { driver, runtime, nvml };

struct Door {
  std::string id;  // "driver.linked": stable, stands in the JSON
  Api api = Api::driver;
  std::string description;  // for people: "dlopen libcuda.so.1"
  enum class Way { linked, dlopen, path, default_scope, proc_address, entry_point } way = Way::linked;
  std::string library;  // the SONAME or file name that the way takes
  std::string node;     // the version node that names have there, or empty
};

const std::vector<Door>& doors();
const Door* find_door(std::string_view id);

// A function by its exported name, or null.
using Resolver = std::function<void*(const char* name)>;

// Opens a door in this process. On failure the resolver is empty and `error` says why.
Resolver open_door(const Door& door, std::string& error);

// Asks the API behind an open door.
void ask_driver(const Resolver& resolve, Answer& answer);
void ask_runtime(const Resolver& resolve, Answer& answer);
void ask_nvml(const Resolver& resolve, Answer& answer);

// Opens the door and asks. A crash in there is the caller's crash: run it in a process of its own (child.h).
Answer ask(const Door& door);

}  // namespace vgpu::probe
