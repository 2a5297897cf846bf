#include "launcher/plan/manifest_reader.h"

#include <algorithm>

#include "launcher/plan/session.h"
#include "launcher/plan/visible.h"

namespace vgpu::plan {
namespace {

using Type = JsonValue::Type;
using Kind = Constraint::Kind;

// What vgpu-run computes; a profile that could set them would undo the plan.
bool is_computed(std::string_view variable) {
  for (const std::string_view name :
       {"LD_PRELOAD", "LD_LIBRARY_PATH", "VGPU_PRELOAD", "VGPU_PRELOAD_FIRST", "VGPU_LIBRARY_PATH",
        "VGPU_LIBRARY_PATH_LAST", "VGPU_DEVICE", "VGPU_INIT", "VGPU_SCOPE", "VGPU_CHILDREN"}) {
    if (variable == name) return true;
  }
  return variable.starts_with("VGPU_RUN_");
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f && c != '=';
  });
}

class Reader : FieldReader {
 public:
  using FieldReader::FieldReader;

  Result<Manifest> run(const JsonDocument& document) {
    object(document.root(), "",
           {{"$schema", [&](const JsonValue& v, const std::string& at) { prose(v, at); }},
            {"version", [&](const JsonValue& v, const std::string& at) { version(v, at); }, true},
            {"description", [&](const JsonValue& v, const std::string& at) { prose(v, at); }},
            {"shims", each([&](const JsonValue& v, const std::string& at) { shim(v, at); })},
            {"profiles", each([&](const JsonValue& v, const std::string& at) { profile(v, at); })}});
    if (!good()) return take();
    return std::move(manifest_);
  }

 private:
  Read each(Read item) {
    return [this, item = std::move(item)](const JsonValue& value, const std::string& at) { array(value, at, item); };
  }
  Read strings(std::vector<std::string>& into, ReadString item) {
    return [this, &into, item](const JsonValue& value, const std::string& at) { into = list(value, at, item); };
  }

  void version(const JsonValue& value, const std::string& at) {
    if (value.type != Type::integer || value.integer != 1) {
      complain(Code::manifest_invalid, value, at, "must be 1, the only version of the format there is", "write 1");
    }
  }

  template <class T>
  void unique(const std::vector<T>& all, const T& made, const JsonValue& value, const char* what) {
    for (const T& other : all) {
      if (other.name != made.name || made.name.empty()) continue;
      return complain(
          Code::manifest_conflict, value, made.at.pointer,
          std::string("a second ") + what + " named \"" + made.name + "\"; the first is " + other.at.pointer,
          "rename one; what shall replace the other belongs into a later file");
    }
  }

  void shim(const JsonValue& value, const std::string& pointer) {
    Shim made;
    made.at = position(value, pointer);
    const auto constraint = [&](Kind kind) {
      return [&, kind](const JsonValue& v, const std::string& at) { constraints(v, at, kind, made.constraints); };
    };
    object(
        value, pointer,
        {{"name", [&](const JsonValue& v, const std::string& at) { made.name = name(v, at); }, true},
         {"description", [&](const JsonValue& v, const std::string& at) { prose(v, at); }},
         {"enabled", [&](const JsonValue& v, const std::string& at) { made.enabled = boolean(v, at); }},
         {"library", [&](const JsonValue& v, const std::string& at) { libraries(v, at, made.libraries); }},
         {"provides", strings(made.provides, &FieldReader::name)},
         {"requires", strings(made.requirements, &FieldReader::name)},
         {"profiles", strings(made.profiles, &FieldReader::name)},
         {"before", constraint(Kind::before)},
         {"after", constraint(Kind::after)},
         {"first", constraint(Kind::first)},
         {"last", constraint(Kind::last)},
         {"sonames", each([&](const JsonValue& v, const std::string& at) { stands_for(v, at, made.sonames); })},
         {"link_directories", [&](const JsonValue& v, const std::string& at) { made.link_directories = paths(v, at); }},
         {"fallbacks", each([&](const JsonValue& v, const std::string& at) { fallback(v, at, made.fallbacks); })},
         {"abi", [&](const JsonValue& v, const std::string& at) { abi(v, at, made.abi); }},
         {"required", [&](const JsonValue& v, const std::string& at) { made.required = boolean(v, at); }},
         {"when", [&](const JsonValue& v, const std::string& at) { conditions(v, at, made.when); }}});
    if (value.type != Type::object) return;
    if (made.enabled && value.find("library") == nullptr) {
      complain(Code::manifest_invalid, value, pointer, "\"library\" is missing", "add it, or write \"enabled\": false");
    }
    check_contradictions(made, value);
    unique(manifest_.shims, made, value, "shim");
    manifest_.shims.push_back(std::move(made));
  }

  void check_contradictions(const Shim& shim, const JsonValue& value) {
    const auto has = [&](Kind kind) {
      return std::any_of(shim.constraints.begin(), shim.constraints.end(),
                         [&](const Constraint& c) { return c.kind == kind; });
    };
    if (has(Kind::first) && has(Kind::last)) {
      complain(Code::manifest_conflict, value, shim.at.pointer, "both \"first\" and \"last\"", "keep one of them");
    }
    for (const Constraint& constraint : shim.constraints) {
      if (constraint.target.empty() || constraint.target != shim.name) continue;
      complain(Code::manifest_conflict, value, constraint.at.pointer, "a constraint of a shim against itself",
               "remove it");
    }
    if (std::find(shim.requirements.begin(), shim.requirements.end(), shim.name) != shim.requirements.end()) {
      complain(Code::manifest_conflict, value, shim.at.pointer + "/requires", "a shim that requires itself",
               "remove it");
    }
  }

  void libraries(const JsonValue& value, const std::string& pointer, std::vector<std::string>& into) {
    if (value.type != Type::array) {
      into.push_back(path(value, pointer));
      return;
    }
    into = paths(value, pointer);
    if (value.items.empty()) complain(Code::manifest_invalid, value, pointer, "an empty list", "name a library");
  }

  // "first": true, or {"reason": ...}; "before": [TARGET, {"target": TARGET or [TARGET, ...], "reason": ...}].
  void constraints(const JsonValue& value, const std::string& pointer, Kind kind, std::vector<Constraint>& into) {
    if (kind == Kind::before || kind == Kind::after) {
      return array(value, pointer,
                   [&](const JsonValue& item, const std::string& at) { relative(item, at, kind, into); });
    }
    Constraint made{kind, {}, position(value, pointer), {}};
    if (value.type == Type::object) {
      object(value, pointer,
             {{"reason", [&](const JsonValue& v, const std::string& at) { made.reason = text(v, at); }, true}});
    } else if (!boolean(value, pointer)) {
      return;
    }
    into.push_back(std::move(made));
  }

  void relative(const JsonValue& value, const std::string& pointer, Kind kind, std::vector<Constraint>& into) {
    const std::size_t start = into.size();
    const auto target = [&](const JsonValue& v, const std::string& at) {
      into.push_back({kind, text(v, at), position(v, at), {}});
    };
    if (value.type != Type::object) return target(value, pointer);
    std::string reason;
    object(value, pointer,
           {{"target",
             [&](const JsonValue& v, const std::string& at) {
               if (v.type != Type::array) return target(v, at);
               array(v, at, target);
               if (v.items.empty()) complain(Code::manifest_invalid, v, at, "an empty list", "name a target");
             },
             true},
            {"reason", [&](const JsonValue& v, const std::string& at) { reason = text(v, at); }}});
    for (std::size_t i = start; i < into.size(); ++i) into[i].reason = reason;
  }

  void stands_for(const JsonValue& value, const std::string& pointer, std::vector<Soname>& into) {
    Soname made;
    if (value.type == Type::object) {
      object(value, pointer,
             {{"name", [&](const JsonValue& v, const std::string& at) { made.name = soname(v, at); }, true},
              {"versions", strings(made.versions, &FieldReader::text)}});
    } else {
      made.name = soname(value, pointer);
    }
    into.push_back(std::move(made));
  }

  void fallback(const JsonValue& value, const std::string& pointer, std::vector<Fallback>& into) {
    Fallback made;
    object(value, pointer,
           {{"directory", [&](const JsonValue& v, const std::string& at) { made.directory = path(v, at); }, true},
            {"unless", strings(made.unless, &FieldReader::soname)}});
    into.push_back(std::move(made));
  }

  void abi(const JsonValue& value, const std::string& pointer, Abi& into) {
    int elf_class = 0;
    object(value, pointer,
           {{"class",
             [&](const JsonValue& v, const std::string& at) {
               if (v.type == Type::integer && (v.integer == 32 || v.integer == 64)) {
                 elf_class = static_cast<int>(v.integer);
               } else {
                 complain(Code::manifest_invalid, v, at, "must be 32 or 64",
                          "write the class of the library's ELF header");
               }
             }},
            {"machine",
             [&](const JsonValue& v, const std::string& at) {
               into.machine = choice(v, at, {"x86_64", "aarch64", "i386"});
             }},
            {"libc", [&](const JsonValue& v, const std::string& at) {
               into.libc = choice(v, at, {"glibc", "musl", "any"});
             }}});
    if (into.libc == "any") into.libc.clear();
    if (into.machine == "i386" && elf_class == 64) {
      complain(Code::manifest_conflict, value, pointer, "an i386 library is of class 32",
               "write \"class\": 32, or another machine");
    }
    into.elf_class = elf_class != 0 ? elf_class : into.machine == "i386" ? 32 : 64;
  }

  void conditions(const JsonValue& value, const std::string& pointer, Conditions& into) {
    object(
        value, pointer,
        {{"device", [&](const JsonValue& v,
                        const std::string& at) { into.device = list(v, at, static_cast<ReadString>(&Reader::mode)); }},
         {"target", strings(into.target, &FieldReader::text)}});
  }

  std::string mode(const JsonValue& value, const std::string& pointer) {
    return choice(value, pointer, {"emulated", "slice"});
  }

  void profile(const JsonValue& value, const std::string& pointer) {
    Profile made;
    made.at = position(value, pointer);
    object(
        value, pointer,
        {{"name", [&](const JsonValue& v, const std::string& at) { made.name = name(v, at); }, true},
         {"description", [&](const JsonValue& v, const std::string& at) { prose(v, at); }},
         {"extends", [&](const JsonValue& v, const std::string& at) { made.extends = name(v, at); }},
         {"match", strings(made.match, &FieldReader::text)},
         {"shims", strings(made.shims, &FieldReader::name)},
         {"library_path", [&](const JsonValue& v, const std::string& at) { made.library_path = paths(v, at); }},
         {"environment", [&](const JsonValue& v, const std::string& at) { environment(v, at, made.environment); }},
         {"children", each([&](const JsonValue& v, const std::string& at) { child_rule(v, at, made.children); })},
         {"scope",
          [&](const JsonValue& v, const std::string& at) {
            made.scope = choice(v, at, {"inherit", "exec", "namespace"});
          }},
         {"device", [&](const JsonValue& v, const std::string& at) { made.device = text(v, at); }},
         {"init",
          [&](const JsonValue& v, const std::string& at) {
            made.init = choice(v, at, {"lazy", "eager"});
          }},
         {"visible_devices", [&](const JsonValue& v, const std::string& at) { made.visible_devices = devices(v, at); }},
         {"memory", [&](const JsonValue& v, const std::string& at) { made.memory = memory(v, at); }},
         {"quota", [&](const JsonValue& v, const std::string& at) {
            made.quota = choice(v, at, {"required", "best-effort"});
          }}});
    if (value.type != Type::object) return;
    if (value.find("shims") == nullptr && value.find("extends") == nullptr) {
      complain(Code::manifest_invalid, value, pointer, "neither \"shims\" nor \"extends\"",
               "write \"extends\": \"default\", or list the shims (\"shims\": [] for none)");
    }
    unique(manifest_.profiles, made, value, "profile");
    manifest_.profiles.push_back(std::move(made));
  }

  std::string devices(const JsonValue& value, const std::string& pointer) {
    std::string list = text(value, pointer);
    if (value.type == Type::string && !is_device_list(list)) {
      complain(Code::manifest_invalid, value, pointer, "neither numbers nor UUIDs of devices",
               "write \"0\", \"GPU-...\" or a list: \"0,2\"");
    }
    return list;
  }

  std::string memory(const JsonValue& value, const std::string& pointer) {
    std::string limits = text(value, pointer);
    if (value.type == Type::string && !memory_limits(limits, pointer)) {
      complain(Code::manifest_invalid, value, pointer, "not an amount of memory",
               "write \"8GiB\", \"50%\", or one for each device: \"8GiB,4GiB\"");
    }
    return limits;
  }

  void child_rule(const JsonValue& value, const std::string& pointer, std::vector<ChildRule>& into) {
    ChildRule made;
    object(value, pointer,
           {{"match", strings(made.match, &FieldReader::text)},
            {"argument", strings(made.arguments, &FieldReader::text)},
            {"action",
             [&](const JsonValue& v, const std::string& at) {
               made.action = choice(v, at, {"inject", "leave", "hide"});
             },
             true},
            {"reason", [&](const JsonValue& v, const std::string& at) { text(v, at); }}});
    if (value.type != Type::object) return;
    for (const char* key : {"match", "argument"}) {
      const JsonValue* list = value.find(key);
      if (list != nullptr && list->type == Type::array && list->items.empty())
        complain(Code::manifest_invalid, *list, pointer + "/" + key, "an empty list",
                 "name what matches, or remove it");
    }
    if (value.find("match") == nullptr && value.find("argument") == nullptr) {
      complain(Code::manifest_invalid, value, pointer, "neither \"match\" nor \"argument\"",
               "say which children it is about: \"match\": [\"*\"] for all");
    }
    into.push_back(std::move(made));
  }

  void environment(const JsonValue& value, const std::string& pointer,
                   std::vector<std::pair<std::string, std::string>>& into) {
    if (!is(value, pointer, Type::object)) return;
    if (value.members.size() > kMostItems) {
      return complain(Code::manifest_invalid, value, pointer, "more than " + std::to_string(kMostItems) + " variables",
                      "keep what is needed");
    }
    for (const JsonMember& member : value.members) {
      const std::string at = pointer + pointer_step(member.key);
      if (!is_variable_name(member.key)) {
        complain(Code::manifest_invalid, member.value, at, "not the name of a variable", "use a name without '='");
      } else if (is_computed(member.key)) {
        complain(Code::manifest_invalid, member.value, at, member.key + " is computed, not set",
                 "use \"shims\", \"library_path\", \"device\", \"init\", \"scope\", or an option of vgpu-run");
      } else if (is(member.value, at, Type::string)) {
        if (member.value.string.find('\0') != std::string::npos) {
          complain(Code::manifest_invalid, member.value, at, "a NUL character, which no variable can hold",
                   "remove it");
        }
        into.emplace_back(member.key, member.value.string);
      }
    }
  }

  Manifest manifest_;
};

}  // namespace

Result<Manifest> read_manifest(std::string_view text, const std::string& path) {
  const Result<JsonDocument> document = JsonDocument::parse(text, path);
  if (!document) return document.error();
  const std::size_t slash = path.rfind('/');
  Result<Manifest> manifest = Reader(*document, path.substr(0, slash == std::string::npos ? 0 : slash)).run(*document);
  if (manifest) manifest->files.push_back({path, ManifestFile::Fate::used, {}});
  return manifest;
}

}  // namespace vgpu::plan
