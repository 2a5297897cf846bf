#include "launcher/plan/explanation.h"

#include <algorithm>
#include <string_view>

#include "launcher/plan/chain.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/reasons.h"
#include "launcher/plan/rows.h"
#include "shims/contract.h"

namespace vgpu::plan {
namespace {

constexpr std::size_t kLines = 23;                                   // and the prompt
constexpr std::size_t kLongest = 3 * (Rows::kWidth - Rows::kLabel);  // of what may hold ten thousand words
constexpr std::size_t kVariables = 6;

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }
std::string_view directory_of(std::string_view path) { return path.substr(0, std::min(path.rfind('/'), path.size())); }

void append(std::string& list, std::string_view item, std::string_view separator = ", ") {
  if (!list.empty()) list += separator;
  list += item;
}

const Variable* find(const std::vector<Variable>& environment, std::string_view name) {
  const auto found =
      std::find_if(environment.begin(), environment.end(), [&](const Variable& v) { return v.name == name; });
  return found == environment.end() ? nullptr : &*found;
}

// Whether `entry` is in the list, separated by ':', that the variable holds.
bool is_in(const Variable* variable, std::string_view entry) {
  if (variable == nullptr) return false;
  const std::string_view list = variable->value;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(':', at), list.size());
    if (list.substr(at, end - at) == entry) return true;
    at = end + 1;
  }
  return false;
}

std::string command_line(const Plan& plan) {
  std::string line = plan.target.path;
  const std::vector<std::string>& command = plan.request.command;
  for (std::size_t i = line.empty() ? 0 : 1; i < command.size(); ++i) append(line, command[i], " ");
  return line;
}

// What is too long for a screen, cut; the Plan's JSON has it all.
std::string shortened(const std::string& text) {
  if (text.size() <= kLongest) return text;
  std::size_t end = 0;
  while (end < kLongest) end += character_at(text, end).bytes;
  return text.substr(0, end) + "...";
}

std::string kind_of(const Target& target) {
  std::string kind;
  if (target.elf_class != 0) kind = std::to_string(target.elf_class) + "-bit " + target.machine;
  if (!target.libc.empty()) append(kind, target.libc + (target.glibc.empty() ? "" : " " + target.glibc));
  if (target.is_static) append(kind, "static");
  if (target.secure) append(kind, "secure (AT_SECURE)");
  return kind;
}

void add_target(Rows& rows, const Plan& plan) {
  const Target& target = plan.target;
  std::string line = shortened(command_line(plan));
  const std::string kind = kind_of(target);
  if (target.steps.empty() && !kind.empty()) line += " (" + kind + ")";
  rows.add("program", line.empty() ? "none" : line);
  if (target.steps.empty()) return;
  std::string way;
  for (const Target::Step& step : target.steps) {
    append(way, step.script, " -> ");
    if (&step == &target.steps.back())
      append(way, step.interpreter + (step.argument.empty() ? "" : " " + step.argument), " -> ");
  }
  if (!target.program.empty() && target.program != target.steps.back().interpreter) append(way, target.program, " -> ");
  if (!kind.empty()) way += " (" + kind + ")";
  rows.add("script", way);
}

void add_manifests(Rows& rows, const Manifest& manifest) {
  std::string_view label = "manifest";
  for (const ManifestFile& file : manifest.files) {
    std::string line = file.path;
    if (file.fate == ManifestFile::Fate::masked) line += ": masked by " + file.by;
    if (file.fate == ManifestFile::Fate::disabled) line += ": empty, which disables what it masks";
    rows.add(label, line);
    label = {};
  }
  for (const Override& change : manifest.overrides) {
    rows.add("replaced",
             change.name + ": " + to_string(change.by) + " takes the place of " + to_string(change.replaced));
  }
}

void add_mount_namespace(Rows& rows, const MountNamespace& mounts) {
  if (mounts.in_force)
    rows.add("namespace", "the one that an enclosing vgpu-run has made; static programs stay without shims");
  if (!mounts.needed) return;
  std::string line;
  for (const os::PrivateFile& file : mounts.files) append(line, file.path);
  line.insert(0, mounts.user ? "private mounts in a user namespace, with its own " : "private mounts, with its own ");
  if (mounts.covers_etc) line += "; /etc read-only at its top";
  rows.add("namespace", line + "; static programs stay without shims");
}

void add_choice(Rows& rows, const Plan& plan) {
  if (!plan.profile.empty())
    rows.add("profile", plan.profile + (plan.profile_reason.empty() ? "" : ": " + plan.profile_reason));
  // Without a shim nobody asks for a device, and nothing has to reach anybody.
  const bool shims = std::any_of(plan.places.begin(), plan.places.end(), [](const Place& p) { return !p.foreign; });
  if (!shims && plan.problems.empty()) return;
  std::string line = plan.real_cuda.empty() ? plan.device : "a slice of the GPU behind " + plan.real_cuda;
  if (!plan.visible.empty()) line.append(", only ").append(plan.visible);
  if (!line.empty() && !plan.mode_reason.empty()) line.append(" (").append(plan.mode_reason).append(1, ')');
  if (!line.empty() && !plan.init.empty()) line.append(", init ").append(plan.init);
  if (!plan.scope.empty()) {
    append(line, "scope " + plan.scope, "; ");
    line += plan.scope == "inherit"     ? ": children that keep their environment"
            : plan.scope == "namespace" ? ": everything dynamic below"
                                        : ": also children with cleaned environment";
  }
  if (!line.empty()) rows.add("device", line);
}

// Where the first of our libraries stands; empty: there is none.
std::string_view home_of(const Plan& plan) {
  for (const Place& place : plan.places) {
    if (!place.foreign && !place.libraries.empty()) return directory_of(place.libraries.front());
  }
  return {};
}

// A directory below `home`, which the row of the look-up has in full, by its last parts: ".../vgpu/link".
std::string below_home(const std::string& directory, std::string_view home) {
  if (home.empty() || !directory.starts_with(home) || directory.size() == home.size() || directory[home.size()] != '/')
    return directory;
  return ".../" + directory.substr(directory_of(home).size() + 1);
}

void add_places(Rows& rows, const Plan& plan, bool all_reasons) {
  if (plan.places.empty()) return rows.add("look-up", "no library is preloaded");
  const std::string_view home = home_of(plan);  // paths are shown where they are elsewhere
  std::string title = "LD_PRELOAD";
  if (!home.empty()) title.append(", in ").append(home);
  rows.add("look-up", title + "; the first that has a symbol wins");
  std::size_t number = 0;
  for (const Place& place : plan.places) {
    std::string line;
    for (const std::string& library : place.libraries) {
      if (directory_of(library) != home) {
        append(line, library);
      } else if (place.libraries.size() > 1) {
        append(line, base_name(library));
      }
    }
    if (place.foreign) append(line, "not ours");
    const std::vector<std::string> reasons = grouped(place.reasons);
    for (std::size_t i = 0; i < reasons.size() && (all_reasons || i == 0); ++i)
      append(line, reasons[i], i == 0 ? ": " : "; ");
    if (!all_reasons && reasons.size() > 1) line += "; ...";
    std::string label(1, ' ');  // piece by piece: see problem.cpp
    label.append(std::to_string(++number)).append(" ").append(place.name);
    rows.add(label, line);
  }
}

void add_left_out(Rows& rows, const Plan& plan) {
  // One row for each reason.
  for (auto shim = plan.left_out.begin(); shim != plan.left_out.end(); ++shim) {
    const auto same = [&](const LeftOut& other) { return other.reason == shim->reason; };
    if (std::find_if(plan.left_out.begin(), shim, same) != shim) continue;
    std::string others;
    for (auto other = shim + 1; other != plan.left_out.end(); ++other) {
      if (same(*other)) others.append(", ").append(other->name);
    }
    rows.add(" - " + shim->name, (others.empty() ? "" : others.substr(2) + " too, ") + "left out: " + shim->reason);
  }
}

void add_initialisation(Rows& rows, const Plan& plan) {
  if (plan.init_order.empty()) return;
  std::string list;
  std::string_view last;
  for (const std::string& path : plan.init_order) {
    const auto owner = std::find_if(plan.places.begin(), plan.places.end(), [&](const Place& place) {
      return std::find(place.libraries.begin(), place.libraries.end(), path) != place.libraries.end();
    });
    const std::string_view name = owner == plan.places.end() ? base_name(path) : std::string_view(owner->name);
    if (name != last) append(list, name);
    last = name;
  }
  const bool backwards =
      std::equal(plan.init_order.rbegin(), plan.init_order.rend(), plan.preload.begin(), plan.preload.end());
  rows.add("constructors", list + (backwards ? ": in reverse, as ld.so runs them"
                                             : ": in reverse, but what one needs (DT_NEEDED) before it"));
}

// The part of the contract that says again what is shown elsewhere.
bool is_shown_elsewhere(std::string_view name) {
  for (const std::string_view shown :
       {std::string_view("LD_PRELOAD"), std::string_view("LD_LIBRARY_PATH"), std::string_view(contract::kPreload),
        std::string_view(contract::kPreloadFirst), std::string_view(contract::kLibraryPath),
        std::string_view(contract::kLibraryPathLast), std::string_view(contract::kDevice),
        std::string_view(contract::kInit), std::string_view(contract::kRealCuda), std::string_view(contract::kVisible),
        std::string_view(contract::kSessionDevices), std::string_view(contract::kScope)}) {
    if (name == shown) return true;
  }
  return false;
}

void add_environment(Rows& rows, const Plan& plan) {
  const Variable* front = find(plan.environment, contract::kLibraryPath);
  const Variable* behind = find(plan.environment, contract::kLibraryPathLast);
  const std::string_view home = home_of(plan);
  const char* part = "";
  std::string list;
  for (const std::string& entry : plan.library_path) {
    const char* now = is_in(front, entry) ? "in front " : is_in(behind, entry) ? "behind " : "yours ";
    const bool same = now == std::string_view(part);
    append(list, (same ? "" : now) + below_home(entry, home), same ? ", " : "; ");
    part = now;
  }
  if (!list.empty()) rows.add("library path", list);

  std::string names;
  for (const Variable& variable : plan.environment) {
    if (is_shown_elsewhere(variable.name)) append(names, variable.name, " ");
  }
  std::string_view label = "sets";
  if (!names.empty()) {
    rows.add(label, names);
    label = {};
  }
  std::size_t more = 0;
  for (const Variable& variable : plan.environment) {
    if (is_shown_elsewhere(variable.name)) continue;
    if (++more <= kVariables) rows.add_cut(label, variable.name + "=" + variable.value);
    label = {};
  }
  if (more > kVariables) rows.add("", "and " + std::to_string(more - kVariables) + " more");
  std::string removed;
  for (const std::string& name : plan.unset) append(removed, name, " ");
  if (!removed.empty()) rows.add("removes", shortened(removed));
}

void add_problems(Rows& rows, const Problems& problems) {
  for (const Problem& problem : problems) {
    std::string line(name(problem.code));
    rows.add(problem.severity == Severity::error ? "error" : "warning",
             line.append(": ").append(problem.where).append(": ").append(problem.cause));
    for (std::size_t at = 0; at < problem.excerpt.size();) {
      const std::size_t end = std::min(problem.excerpt.find('\n', at), problem.excerpt.size());
      rows.add_verbatim(std::string_view(problem.excerpt).substr(at, end - at));
      at = end + 1;
    }
    if (!problem.fix.empty()) rows.add("", "fix: " + problem.fix);
    rows.add("", std::string("see: vgpuctl doctor --explain ").append(name(problem.code)));
  }
}

Rows explain(const Plan& plan, bool all_reasons) {
  Rows rows;
  add_target(rows, plan);
  add_manifests(rows, plan.manifest);
  add_choice(rows, plan);
  add_mount_namespace(rows, plan.mount_namespace);
  add_places(rows, plan, all_reasons);
  add_left_out(rows, plan);
  add_initialisation(rows, plan);
  add_environment(rows, plan);
  std::string_view label = "chain";
  for (const std::string& link : chain(plan)) {
    rows.add(label, link);
    label = {};
  }
  if (plan.problems.empty()) {
    rows.add("problems", "none");
  } else {
    add_problems(rows, plan.problems);
  }
  return rows;
}

}  // namespace

std::string explain(const Plan& plan) {
  Rows rows = explain(plan, true);
  if (rows.lines() > kLines) rows = explain(plan, false);
  return rows.text();
}

std::string summary(const Plan& plan) {
  Rows rows;
  rows.add("would run", shortened(command_line(plan)));
  std::string_view label = "preload";
  for (const std::string& path : plan.preload) {
    rows.add(label, path);
    label = {};
  }
  label = "library path";
  for (const std::string& entry : plan.library_path) {
    rows.add(label, entry);
    label = {};
  }
  add_mount_namespace(rows, plan.mount_namespace);
  label = "sets";
  for (const Variable& variable : plan.environment) {
    if (variable.name == "LD_PRELOAD" || variable.name == "LD_LIBRARY_PATH") continue;
    rows.add_cut(label, variable.name + "=" + variable.value);
    label = {};
  }
  label = "removes";
  for (const std::string& variable : plan.unset) {
    rows.add_cut(label, variable);
    label = {};
  }
  return rows.text();
}

}  // namespace vgpu::plan
