#include "tests/unit/environment_case.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "shims/propagate/propagate.h"
#include "shims/propagate/state.h"

namespace vgpu::propagate {
const char kLibrary[] = "test";
void note_instead(const Child&, Reason) {}
}  // namespace vgpu::propagate

namespace vgpu::test {
namespace {

using Strings = std::vector<std::string>;

class Draw {
 public:
  explicit Draw(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::size_t below(std::size_t limit) { return byte() % limit; }
  const std::string& of(const Strings& choices) { return choices[below(choices.size())]; }
  std::uint8_t byte() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

const Strings kLibraries{"/s/libvgpu-exec.so",   "/s/libvgpu-cuda.so", "/f/asan.so", "/u/x.so", "libu.so",
                         "/s/32/libvgpu-exec.so"};
const Strings kDirectories{"/l/link", "/l/link2", "/l/last", "/l/last2", "/l/last3", "/ollama", "/l", "."};
const Strings kOthers{"VGPU_LOG", "VGPU_DEVICE", "VGPU_INIT", "VGPU_SESSION", "VGPU_", "VGPU_LO"};

std::string join(const Strings& parts, const char* separator = ":") {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i > 0 ? separator : "") + parts[i];
  return text;
}

// Of the choices from `from` on some, each once.
Strings some(Draw& draw, const Strings& choices, std::size_t from, std::size_t to) {
  Strings result;
  for (std::size_t i = from; i < to; ++i)
    if (draw.below(3) != 0)
      result.insert(result.begin() + static_cast<std::ptrdiff_t>(draw.below(result.size() + 1)), choices[i]);
  return result;
}

// What vgpu-run set: lists without duplicates or separators in their entries.
Strings draw_launch(Draw& draw) {
  const Strings front = draw.below(3) == 0 ? Strings{kDirectories[0], kDirectories[1]} : Strings{kDirectories[0]};
  Strings launch{"VGPU_PRELOAD=" + join(some(draw, kLibraries, 0, 2)),
                 "VGPU_LIBRARY_PATH=" + join(draw.below(4) == 0 ? Strings{} : front)};
  if (draw.below(2) == 0) launch.push_back("VGPU_PRELOAD_FIRST=" + join(some(draw, kLibraries, 2, 4)));
  if (draw.below(2) == 0) launch.push_back("VGPU_LIBRARY_PATH_LAST=" + join(some(draw, kDirectories, 2, 5)));
  for (const std::string& name : kOthers)
    if (draw.below(4) == 0) launch.push_back(name + "=launch");
  return launch;
}

std::string draw_list(Draw& draw, const Strings& entries, const Strings& separators) {
  std::string list;
  for (std::size_t left = draw.below(9); left > 0; --left)
    list += (draw.below(5) == 0 ? "" : draw.of(entries)) + (left > 1 || draw.below(4) == 0 ? draw.of(separators) : "");
  return list;
}

std::string draw_variable(Draw& draw, const Strings& launch) {
  switch (draw.below(9)) {
    case 0:
    case 1: return "LD_PRELOAD=" + draw_list(draw, kLibraries, {":", " ", "::", " :"});
    case 2:
    case 3: return "LD_LIBRARY_PATH=" + draw_list(draw, kDirectories, {":", ";", ":;"});
    case 4: return draw.of(launch);
    case 5: {
      const std::string& variable = draw.of(launch);
      return variable.substr(0, variable.find('=') + 1) + "child";
    }
    case 6: return draw.of({"VGPU_EXEC=off", "VGPU_EXEC=on", "VGPU_EXEC=offset", "VGPU_UNKNOWN=1", "VGPU_PRELOAD"});
    case 7:
      return draw.of(
          {"", "=", "LD_PRELOAD", "LD_PRELOADED=/u/x.so", "LD_LIBRARY_PATHS=/l", "L", "V", "PATH=/bin", "NO_VALUE"});
    default: {
      std::string junk;
      for (std::size_t left = draw.below(12); left > 0; --left)
        junk += static_cast<char>(std::max<int>(draw.byte(), 1));
      return junk;
    }
  }
}

Strings split(const std::string& text, const std::string& separators) {
  if (text.empty()) return {};
  Strings parts{""};
  for (const char c : text) {
    if (separators.find(c) != std::string::npos)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

bool has(const Strings& list, const std::string& entry) {
  return std::find(list.begin(), list.end(), entry) != list.end();
}

std::optional<std::size_t> last_of(const Strings& environment, const std::string& name) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < environment.size(); ++i)
    if (environment[i].starts_with(name)) found = i;
  return found;
}

// The reference. It follows the documents, not the code: whole lists, copies of everything.
struct Reference {
  Strings preload, first, front, last;
  std::map<std::string, std::string> values;
  Strings order;

  explicit Reference(const Strings& launch) {
    for (const std::string& variable : launch) {
      const std::string name = variable.substr(0, variable.find('='));
      if (!values.emplace(name, variable.substr(name.size() + 1)).second) continue;
      order.push_back(name);
    }
    preload = split(values["VGPU_PRELOAD"], ":");
    first = split(values["VGPU_PRELOAD_FIRST"], ":");
    front = split(values["VGPU_LIBRARY_PATH"], ":");
    last = split(values["VGPU_LIBRARY_PATH_LAST"], ":");
  }

  Strings library_list(const std::string& value) const {
    Strings in_front, behind;
    for (const std::string& entry : split(value, ": ")) {
      if (entry.empty() || has(preload, entry)) continue;
      // The 32-bit stand-in of a 64-bit libvgpu-exec is ours, too.
      if (entry == "/s/32/libvgpu-exec.so" && has(preload, "/s/libvgpu-exec.so")) continue;
      (has(first, entry) ? in_front : behind).push_back(entry);
    }
    in_front.insert(in_front.end(), preload.begin(), preload.end());
    in_front.insert(in_front.end(), behind.begin(), behind.end());
    return in_front;
  }

  Strings directory_list(const std::string& value) const {
    Strings others;
    for (const std::string& entry : split(value, ":;"))
      if (!has(front, entry)) others.push_back(entry);
    Strings tail;
    for (const std::string& directory : last)
      if (!has(front, directory)) tail.push_back(directory);
    // The last run of tail directories in their order that ends with the last of them is what was inherited.
    for (std::size_t end = others.size(); end > 0 && !tail.empty(); --end) {
      if (others[end - 1] != tail.back()) continue;
      std::size_t begin = end - 1;
      const auto place = [&](std::size_t at) { return std::find(tail.begin(), tail.end(), others[at]) - tail.begin(); };
      while (begin > 0 && has(tail, others[begin - 1]) && place(begin - 1) < place(begin)) --begin;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(begin),
                   others.begin() + static_cast<std::ptrdiff_t>(end));
      break;
    }
    Strings list = front;
    list.insert(list.end(), others.begin(), others.end());
    list.insert(list.end(), tail.begin(), tail.end());
    return list;
  }

  // What is passed on: where an entry of the child's own stays, its number, so that the pointer can be compared.
  struct Entry {
    std::string text;
    std::optional<std::size_t> own;
  };
  std::vector<Entry> apply(const Strings& child) const {
    std::vector<Entry> result;
    for (std::size_t i = 0; i < child.size(); ++i) result.push_back({child[i], i});
    if ((preload.empty() && front.empty()) || has(child, "VGPU_EXEC=off")) return result;
    const auto set = [&](const std::string& name, const auto& list_of) {
      const auto at = last_of(child, name);
      const std::string before = at ? child[*at].substr(name.size()) : "", after = join(list_of(before));
      if (before == after) return;
      if (!at) return result.push_back({name + after, {}});
      result[*at] = {name + after, {}};
    };
    set("LD_PRELOAD=", [&](const std::string& value) { return library_list(value); });
    // An empty one says nothing, and an earlier one would speak instead.
    const auto preload_at = last_of(child, "LD_PRELOAD=");
    const bool goes = preload_at && result[*preload_at].text == "LD_PRELOAD=" && !result[*preload_at].own;
    set("LD_LIBRARY_PATH=", [&](const std::string& value) { return directory_list(value); });
    static const Strings kAgree{"VGPU_PRELOAD", "VGPU_PRELOAD_FIRST", "VGPU_LIBRARY_PATH", "VGPU_LIBRARY_PATH_LAST"};
    for (const std::string& name : order) {
      const std::string whole = name + "=" + values.at(name);
      bool there = false;
      for (std::size_t i = 0; i < child.size(); ++i) {
        if (!child[i].starts_with(name + "=")) continue;
        there = true;
        if (has(kAgree, name) && child[i] != whole) result[i] = {whole, {}};
      }
      if (!there) result.push_back({whole, {}});
    }
    if (goes) std::erase_if(result, [](const Entry& entry) { return entry.text.starts_with("LD_PRELOAD="); });
    return result;
  }
};

std::vector<char*> pointers_of(Strings& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

// By the shims: the strings, and room of exactly the size that they asked for.
struct Applied {
  bool changed = false;
  std::vector<char*> pointers;
  std::vector<char> bytes;
};
Applied apply(char* const* envp) {
  propagate::Child child;
  child.envp = envp;
  const propagate::Plan plan = propagate::plan(child);
  Applied applied;
  applied.changed = plan.changed;
  if (!plan.changed) {
    for (; *envp != nullptr; ++envp) applied.pointers.push_back(*envp);
    applied.pointers.push_back(nullptr);
    return applied;
  }
  applied.pointers.resize(plan.pointers);
  applied.bytes.resize(plan.bytes);
  propagate::write(child, plan, applied.pointers.data(), applied.bytes.data());
  // Room that was not needed: an LD_PRELOAD that goes.
  while (applied.pointers.size() > 1 && applied.pointers[applied.pointers.size() - 2] == nullptr)
    applied.pointers.pop_back();
  return applied;
}

std::string show(const char* what, const Strings& launch, const Strings& child, const std::string& got) {
  return std::string(what) + "\nlaunch: " + join(launch, " | ") + "\nchild: " + join(child, " | ") + "\ngot: " + got;
}

}  // namespace

std::string check_environment(std::span<const std::uint8_t> bytes) {
  Draw draw(bytes);
  Strings launch = draw_launch(draw);
  Strings child;
  for (std::size_t left = draw.below(14); left > 0; --left) child.push_back(draw_variable(draw, launch));

  propagate::state = propagate::State{};
  propagate::capture(pointers_of(launch).data(), false);
  const std::vector<char*> envp = pointers_of(child);
  const std::vector<char*> before = envp;
  const Applied applied = apply(envp.data());
  if (envp != before) return show("the caller's own array was written", launch, child, "");

  const auto wanted = Reference(launch).apply(child);
  std::string got;
  for (std::size_t i = 0; applied.pointers[i] != nullptr; ++i)
    got += (i > 0 ? " | " : "") + std::string(applied.pointers[i]);
  if (wanted.size() + 1 != applied.pointers.size()) return show("another number of variables", launch, child, got);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].text != applied.pointers[i]) return show(("not " + wanted[i].text).c_str(), launch, child, got);
    if (wanted[i].own && applied.pointers[i] != envp[*wanted[i].own])
      return show("not passed by pointer", launch, child, got);
  }

  if (apply(applied.pointers.data()).changed) return show("a second time changes it", launch, child, got);
  // Level by level down, the lists kept and the rest emptied: the same lists at the next one, and so at the fiftieth.
  Strings kept, now;
  for (char* const variable : applied.pointers)
    if (variable != nullptr && std::string(variable).starts_with("LD_")) kept.push_back(variable);
  for (int level = 0; level < 2; ++level) {
    const Applied next = apply(pointers_of(kept).data());
    now.clear();
    for (char* const variable : next.pointers)
      if (variable != nullptr && std::string(variable).starts_with("LD_")) now.push_back(variable);
    if (level == 0 && has(child, "VGPU_EXEC=off")) kept = now;  // the first to get anything
    if (now != kept) return show("other lists at some depth", launch, child, got);
  }
  return "";
}

}  // namespace vgpu::test
