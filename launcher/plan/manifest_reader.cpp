#include "launcher/plan/manifest_reader.h"

#include <algorithm>

#include "launcher/plan/manifest_fields.h"

namespace vgpu::plan {
namespace {

using Type = JsonValue::Type;

class Reader : FieldReader {
 public:
  using FieldReader::FieldReader;

  Result<Manifest> run(const JsonDocument& document) {
    object(document.root(), "",
           {{"version", [&](const JsonValue& v, const std::string& at) { version(v, at); }, true},
            {"shims",
             [&](const JsonValue& v, const std::string& at) {
               array(v, at, [&](const JsonValue& item, const std::string& p) { shim(item, p); });
             }},
            {"profiles",
             [&](const JsonValue& v, const std::string& at) {
               array(v, at, [&](const JsonValue& item, const std::string& p) { profile(item, p); });
             }}},
           {"$schema", "description"});
    if (!good()) return take();
    return std::move(manifest_);
  }

 private:
  void version(const JsonValue& value, const std::string& at) {
    if (value.type != Type::integer || value.integer != 1) {
      complain(Code::manifest_invalid, value, at, "must be 1, the only version of the format there is", "write 1");
    }
  }

  template <class T>
  void unique(const std::vector<T>& all, const T& made, const JsonValue& value, const char* what) {
    for (const T& other : all) {
      if (other.name == made.name) {
        complain(Code::manifest_conflict, value, made.at.pointer,
                 std::string("a second ") + what + " named \"" + made.name + "\"; the first is at " + other.at.pointer,
                 "rename one, or put the one that shall replace the other into a later file");
      }
    }
  }

  void shim(const JsonValue& value, const std::string& pointer) {
    Shim made;
    made.at = position(value, pointer);
    const auto add = [&](Constraint::Kind kind) {
      return [&, kind](const JsonValue& v, const std::string& at) { constraints(v, at, kind, made.constraints); };
    };
    const auto names = [&](std::vector<std::string>& into) {
      return [&](const JsonValue& v, const std::string& at) { into = list(v, at, &FieldReader::name); };
    };
    object(value, pointer,
           {{"name", [&](const JsonValue& v, const std::string& at) { made.name = name(v, at); }, true},
            {"library", [&](const JsonValue& v, const std::string& at) { libraries(v, at, made.libraries); }},
            {"enabled", [&](const JsonValue& v, const std::string& at) { made.enabled = boolean(v, at); }},
            {"provides", names(made.provides)},
            {"requires", names(made.requirements)},
            {"profiles", names(made.profiles)},
            {"before", add(Constraint::Kind::before)},
            {"after", add(Constraint::Kind::after)},
            {"first", add(Constraint::Kind::first)},
            {"last", add(Constraint::Kind::last)},
            {"sonames",
             [&](const JsonValue& v, const std::string& at) {
               array(v, at, [&](const JsonValue& item, const std::string& p) { soname(item, p, made.sonames); });
             }},
            {"link_directories",
             [&](const JsonValue& v, const std::string& at) { made.link_directories = list(v, at, &FieldReader::path); }},
            {"fallbacks",
             [&](const JsonValue& v, const std::string& at) {
               array(v, at, [&](const JsonValue& item, const std::string& p) { fallback(item, p, made.fallbacks); });
             }},
            {"abi", [&](const JsonValue& v, const std::string& at) { abi(v, at, made.abi); }},
            {"required", [&](const JsonValue& v, const std::string& at) { made.required = boolean(v, at); }},
            {"when", [&](const JsonValue& v, const std::string& at) { conditions(v, at, made.when); }}},
           {"description"});
    if (value.type != Type::object) return;
    if (made.enabled && value.find("library") == nullptr) {
      complain(Code::manifest_invalid, value, pointer, "\"library\" is missing", "add it, or write \"enabled\": false");
    }
    const bool both = std::count_if(made.constraints.begin(), made.constraints.end(), [](const Constraint& c) {
                        return c.kind == Constraint::Kind::first || c.kind == Constraint::Kind::last;
                      }) > 1;
    if (both) complain(Code::manifest_conflict, value, pointer, "both \"first\" and \"last\"", "keep one of them");
    unique(manifest_.shims, made, value, "shim");
    manifest_.shims.push_back(std::move(made));
  }

  void libraries(const JsonValue& value, const std::string& pointer, std::vector<std::string>& into) {
    if (value.type != Type::array) {
      into.push_back(path(value, pointer));
      return;
    }
    into = list(value, pointer, &FieldReader::path);
    if (into.empty()) complain(Code::manifest_invalid, value, pointer, "an empty list", "name at least one library");
  }

  void constraints(const JsonValue& value, const std::string& pointer, Constraint::Kind kind,
                   std::vector<Constraint>& into) {
    if (kind == Constraint::Kind::first || kind == Constraint::Kind::last) {
      if (boolean(value, pointer)) into.push_back({kind, {}, position(value, pointer)});
      return;
    }
    const std::vector<std::string> targets = list(value, pointer, &FieldReader::text);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      into.push_back({kind, targets[i], position(value.items[i], pointer + "/" + std::to_string(i))});
    }
  }

  void soname(const JsonValue& value, const std::string& pointer, std::vector<Soname>& into) {
    Soname made;
    if (value.type == Type::string) {
      made.name = text(value, pointer);
    } else {
      object(value, pointer,
             {{"name", [&](const JsonValue& v, const std::string& at) { made.name = text(v, at); }, true},
              {"versions", [&](const JsonValue& v, const std::string& at) { made.versions = list(v, at, &FieldReader::text); }}});
    }
    into.push_back(std::move(made));
  }

  void fallback(const JsonValue& value, const std::string& pointer, std::vector<Fallback>& into) {
    Fallback made;
    object(value, pointer,
           {{"directory", [&](const JsonValue& v, const std::string& at) { made.directory = path(v, at); }, true},
            {"unless", [&](const JsonValue& v, const std::string& at) { made.unless = list(v, at, &FieldReader::text); }}});
    into.push_back(std::move(made));
  }

  void abi(const JsonValue& value, const std::string& pointer, Abi& into) {
    object(value, pointer,
           {{"class",
             [&](const JsonValue& v, const std::string& at) {
               if (v.type == Type::integer && (v.integer == 32 || v.integer == 64)) {
                 into.elf_class = static_cast<int>(v.integer);
               } else {
                 complain(Code::manifest_invalid, v, at, "must be 32 or 64", "write the class of the library's ELF header");
               }
             }},
            {"machine",
             [&](const JsonValue& v, const std::string& at) { into.machine = choice(v, at, {"x86_64", "aarch64", "i386"}); }},
            {"libc", [&](const JsonValue& v, const std::string& at) {
               into.libc = choice(v, at, {"glibc", "musl", "any"});
               if (into.libc == "any") into.libc.clear();
             }}});
  }

  void conditions(const JsonValue& value, const std::string& pointer, Conditions& into) {
    object(value, pointer,
           {{"device",
             [&](const JsonValue& v, const std::string& at) {
               array(v, at, [&](const JsonValue& item, const std::string& p) {
                 into.device.push_back(choice(item, p, {"emulated", "slice"}));
               });
             }},
            {"target", [&](const JsonValue& v, const std::string& at) { into.target = list(v, at, &FieldReader::text); }}});
  }

  void profile(const JsonValue& value, const std::string& pointer) {
    Profile made;
    made.at = position(value, pointer);
    object(value, pointer,
           {{"name", [&](const JsonValue& v, const std::string& at) { made.name = name(v, at); }, true},
            {"match", [&](const JsonValue& v, const std::string& at) { made.match = list(v, at, &FieldReader::text); }},
            {"shims", [&](const JsonValue& v, const std::string& at) { made.shims = list(v, at, &FieldReader::name); }, true},
            {"library_path",
             [&](const JsonValue& v, const std::string& at) { made.library_path = list(v, at, &FieldReader::path); }},
            {"environment", [&](const JsonValue& v, const std::string& at) { environment(v, at, made.environment); }},
            {"scope", [&](const JsonValue& v, const std::string& at) { made.scope = choice(v, at, {"inherit", "exec", "namespace"}); }},
            {"device", [&](const JsonValue& v, const std::string& at) { made.device = text(v, at); }},
            {"init", [&](const JsonValue& v, const std::string& at) { made.init = choice(v, at, {"lazy", "eager"}); }}},
           {"description"});
    if (value.type != Type::object) return;
    unique(manifest_.profiles, made, value, "profile");
    manifest_.profiles.push_back(std::move(made));
  }

  void environment(const JsonValue& value, const std::string& pointer,
                   std::vector<std::pair<std::string, std::string>>& into) {
    if (!is(value, pointer, Type::object)) return;
    for (const JsonMember& member : value.members) {
      const std::string at = pointer + pointer_step(member.key);
      if (!is(member.value, at, Type::string)) continue;
      const std::string& text = member.value.string;
      if (member.key.empty() || member.key.find('=') != std::string::npos || member.key.find('\0') != std::string::npos) {
        complain(Code::manifest_invalid, member.value, at, "not the name of a variable", "use a name without '='");
      } else if (text.find('\0') != std::string::npos) {
        complain(Code::manifest_invalid, member.value, at, "holds a NUL character", "remove it");
      } else if (member.key == "LD_PRELOAD" || member.key == "LD_LIBRARY_PATH" || member.key.starts_with("VGPU_RUN_")) {
        complain(Code::manifest_conflict, member.value, at, member.key + " is computed, not set",
                 "use \"shims\" for LD_PRELOAD, \"library_path\" for LD_LIBRARY_PATH, options for VGPU_RUN_*");
      }
      into.emplace_back(member.key, text);
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

std::string absolute_path(std::string_view base, std::string_view path) {
  std::string whole = path.starts_with('/') ? std::string(path) : std::string(base) + "/" + std::string(path);
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t end = std::min(whole.find('/', at), whole.size());
    const std::string_view part = std::string_view(whole).substr(at, end - at);
    at = end + 1;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  std::string result;
  for (const std::string_view part : parts) result.append(1, '/').append(part);
  return result.empty() ? "/" : result;
}

}  // namespace vgpu::plan
