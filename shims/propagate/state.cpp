#include "shims/propagate/state.h"

#include "shims/contract.h"
#include "shims/propagate/preload_file.h"
#include "shims/propagate/raw.h"

namespace vgpu::propagate {

constinit State state;

namespace {

// Room for the copies: enough for the shims of a launch; more is mapped. With it libvgpu-exec's data just fits into one
// page, so that ld.so has no second mapping to make.
char storage[1400];

constexpr char kExecName[] = "libvgpu-exec.so";
constexpr char kDirectory32[] = "32/";

Text name_of(const char* entry) {
  size_t size = 0;
  while (entry[size] != '\0' && entry[size] != '=') ++size;
  return {entry, size};
}

bool is_carried(const char* entry) {
  const Text name = name_of(entry);
  if (entry[name.size] != '=' || !starts_with(name, text("VGPU_"))) return false;
  return !starts_with(name, text("VGPU_RUN_")) && !equal(name, text(contract::kExec));
}

bool is_structural(Text name) {
  return equal(name, text(contract::kPreload)) || equal(name, text(contract::kPreloadFirst)) ||
         equal(name, text(contract::kLibraryPath)) || equal(name, text(contract::kLibraryPathLast)) ||
         equal(name, text(contract::kChildren));
}

Text value_of(const char* name) {
  for (unsigned i = 0; i < state.carried_count; ++i) {
    const Carried& carried = state.carried[i];
    if (equal({carried.variable.data, carried.name}, text(name)))
      return {carried.variable.data + carried.name + 1, carried.variable.size - carried.name - 1};
  }
  return {};
}

char* put(char* at, Text text) {
  for (size_t i = 0; i < text.size; ++i) *at++ = text.data[i];
  return at;
}

}  // namespace

bool capture(char* const* envp, bool secure) {
  if (state.active) return true;
  PreloadFile file;  // scope "namespace"
  if (envp == nullptr || secure || value_in(envp, contract::kPreload) == nullptr) {
    file = read_preload_file();
    if (file.variables[0] != nullptr) {
      envp = file.variables;
    } else if (envp == nullptr || secure) {
      return false;
    }
  }
  size_t bytes = 0, longest_preload = 0;
  unsigned count = 0;
  for (char* const* entry = envp; *entry != nullptr; ++entry) {
    if (!is_carried(*entry) || count == kMostCarried) continue;
    const size_t size = length(*entry);
    bytes += size + 1;
    if (size > longest_preload) longest_preload = size;
    ++count;
  }
  bytes += longest_preload + sizeof kDirectory32;  // for preload_32
  if (count == 0) return false;
  char* at = storage;
  if (bytes > sizeof storage) at = static_cast<char*>(raw::map(bytes));
  if (at == nullptr) return false;

  for (char* const* entry = envp; *entry != nullptr && state.carried_count < count; ++entry) {
    if (!is_carried(*entry)) continue;
    const Text name = name_of(*entry);
    const Text variable = text(*entry);
    bool twice = false;  // the first one counts, as for getenv
    for (unsigned i = 0; i < state.carried_count; ++i)
      twice = twice || equal({state.carried[i].variable.data, state.carried[i].name}, name);
    if (twice) {
      --count;
      continue;
    }
    state.carried[state.carried_count++] = {{at, variable.size}, name.size, is_structural(name)};
    at = put(at, variable);
    *at++ = '\0';
  }

  state.preload = value_of(contract::kPreload);
  state.preload_first = value_of(contract::kPreloadFirst);
  state.library_path = value_of(contract::kLibraryPath);
  state.library_path_last = value_of(contract::kLibraryPathLast);
  state.children = value_of(contract::kChildren);
  const Text level = value_of(contract::kLog);
  state.log_level = equal(level, text("debug")) ? 2 : equal(level, text("info")) ? 1 : 0;
  state.inherit = equal(value_of(contract::kScope), text("inherit"));

  each_entry(state.preload, ':', ':', [&](Text entry) {
    const Text name = base_name(entry);
    if (!equal(name, text(kExecName))) return true;
    const char* const from = at;
    at = put(at, {entry.data, entry.size - name.size});
    at = put(at, text(kDirectory32));
    at = put(at, name);
    *at = '\0';
    state.preload_32 = {from, static_cast<size_t>(at - from)};
    return false;
  });
  state.active = !state.inherit && !(state.preload.empty() && state.library_path.empty());
  return state.active;
}

bool captured() { return state.active; }

void use_environ(char*** address) { state.environ = address; }

int carried_index(const char* entry) {
  for (unsigned i = 0; i < state.carried_count; ++i) {
    const Carried& carried = state.carried[i];
    size_t at = 0;
    while (at <= carried.name && entry[at] == carried.variable.data[at]) ++at;
    if (at > carried.name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace vgpu::propagate
