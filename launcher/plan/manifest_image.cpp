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
    if constexpr (std::is_class_v<T>) fields(*this, item);
    else number(static_cast<std::uint32_t>(item));
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
    if constexpr (std::is_class_v<T>) fields(*this, item);
    else item = static_cast<T>(number());
  }

  const char* at_;
  std::string_view root_;
};

// One list of fields for both ways. A field that is missing here is missing in what vgpu-run reads: the build compares
// (manifest_embed.cpp), and so does manifest_image_test for a manifest that uses every field.
template <class Archive, class T>
using As = std::conditional_t<std::is_same_v<Archive, Writer>, const T, T>;

template <class Archive>
void fields(Archive& archive, As<Archive, Position>& it) {
  archive(it.file, it.pointer, it.line, it.column);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Constraint>& it) {
  archive(it.kind, it.target, it.at, it.reason);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Soname>& it) {
  archive(it.name, it.versions);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Abi>& it) {
  archive(it.elf_class, it.machine, it.libc);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Fallback>& it) {
  archive(it.directory, it.unless);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Conditions>& it) {
  archive(it.device, it.target);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Shim>& it) {
  archive(it.name, it.libraries, it.provides, it.requirements, it.constraints, it.sonames, it.link_directories,
          it.fallbacks, it.abi, it.required, it.enabled, it.profiles, it.when, it.at);
}

template <class Archive>
void fields(Archive& archive, As<Archive, ChildRule>& it) {
  archive(it.action, it.match, it.arguments);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Profile>& it) {
  archive(it.name, it.extends, it.match, it.shims, it.library_path, it.environment, it.children, it.scope, it.device,
          it.init, it.at);
}

template <class Archive>
void fields(Archive& archive, As<Archive, ManifestFile>& it) {
  archive(it.path, it.fate, it.by);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Override>& it) {
  archive(it.name, it.replaced, it.by);
}

template <class Archive>
void fields(Archive& archive, As<Archive, Manifest>& it) {
  archive(it.shims, it.profiles, it.files, it.overrides);
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
