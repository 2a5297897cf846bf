#include "launcher/plan/manifest_image.h"

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace vgpu::plan {
namespace {

constexpr std::uint32_t kRooted = 1u << 31;  // in a string's length: it begins with the root, which is left out

class Writer {
 public:
  explicit Writer(std::string_view root) : root_(root) {}

  template <class... T>
  void operator()(const T&... values) {
    (value(values), ...);
  }

  std::string image;

 private:
  void number(std::uint32_t number) { image.append(reinterpret_cast<const char*>(&number), sizeof number); }

  void value(const std::string& string) {
    std::string_view text = string;
    const bool rooted = text.starts_with(root_);
    if (rooted) text.remove_prefix(root_.size());
    number(static_cast<std::uint32_t>(text.size()) | (rooted ? kRooted : 0));
    image.append(text);
  }

  template <class T>
  void value(const std::vector<T>& list) {
    number(static_cast<std::uint32_t>(list.size()));
    for (const T& item : list) value(item);
  }

  template <class A, class B>
  void value(const std::pair<A, B>& pair) {
    value(pair.first);
    value(pair.second);
  }

  template <class T>
  void value(const T& item) {
    if constexpr (std::is_class_v<T>)
      fields(*this, item);
    else
      number(static_cast<std::uint32_t>(item));
  }

  std::string_view root_;
};

class Reader {
 public:
  Reader(std::string_view image, std::string_view root) : at_(image.data()), root_(root) {}

  template <class... T>
  void operator()(T&... values) {
    (value(values), ...);
  }

 private:
  std::uint32_t number() {
    std::uint32_t number = 0;
    std::memcpy(&number, at_, sizeof number);
    at_ += sizeof number;
    return number;
  }

  void value(std::string& string) {
    const std::uint32_t head = number();
    const std::size_t size = head & ~kRooted;
    if ((head & kRooted) != 0) {
      string.reserve(root_.size() + size);
      string.assign(root_).append(at_, size);
    } else {
      string.assign(at_, size);
    }
    at_ += size;
  }

  template <class T>
  void value(std::vector<T>& list) {
    const std::uint32_t size = number();
    if (size == 0) return;
    list.resize(size);
    for (T& item : list) value(item);
  }

  template <class A, class B>
  void value(std::pair<A, B>& pair) {
    value(pair.first);
    value(pair.second);
  }

  template <class T>
  void value(T& item) {
    if constexpr (std::is_class_v<T>)
      fields(*this, item);
    else
      item = static_cast<T>(number());
  }

  const char* at_;
  std::string_view root_;
};

// One list of fields for both ways. Who adds one to a struct hears from the compiler: the names no longer match its
// fields.
template <class Archive, class T>
using As = std::conditional_t<std::is_same_v<Archive, Writer>, const T, T>;

template <class Archive>
void fields(Archive& archive, As<Archive, Position>& it) {
  auto& [file, pointer, line, column] = it;
  archive(file, pointer, line, column);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Constraint>& it) {
  auto& [kind, target, at, reason] = it;
  archive(kind, target, at, reason);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Soname>& it) {
  auto& [name, versions] = it;
  archive(name, versions);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Abi>& it) {
  auto& [elf_class, machine, libc] = it;
  archive(elf_class, machine, libc);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Fallback>& it) {
  auto& [directory, unless] = it;
  archive(directory, unless);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Conditions>& it) {
  auto& [device, target] = it;
  archive(device, target);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Shim>& it) {
  auto& [name, libraries, provides, requirements, constraints, sonames, link_directories, fallbacks, abi, required,
         enabled, profiles, when, at] = it;
  archive(name, libraries, provides, requirements, constraints, sonames, link_directories, fallbacks, abi, required,
          enabled, profiles, when, at);
}

template <class Archive>
void fields(Archive& archive, As<Archive, ChildRule>& it) {
  auto& [action, match, arguments] = it;
  archive(action, match, arguments);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Profile>& it) {
  auto& [name, extends, match, shims, library_path, environment, children, scope, device, init, visible_devices, memory,
         quota, at] = it;
  archive(name, extends, match, shims, library_path, environment, children, scope, device, init, visible_devices,
          memory, quota, at);
}

template <class Archive>
void fields(Archive& archive, As<Archive, ManifestFile>& it) {
  auto& [path, fate, by] = it;
  archive(path, fate, by);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Override>& it) {
  auto& [name, replaced, by] = it;
  archive(name, replaced, by);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Manifest>& it) {
  auto& [shims, profiles, files, overrides] = it;
  archive(shims, profiles, files, overrides);
}

}  // namespace

std::string manifest_image(const Manifest& manifest, std::string_view root) {
  Writer writer(root);
  writer(manifest);
  return std::move(writer.image);
}

Manifest manifest_from_image(std::string_view image, std::string_view root) {
  Manifest manifest;
  Reader reader(image, root);
  reader(manifest);
  return manifest;
}

}  // namespace vgpu::plan
