// The environment of a process as execve(2) takes it: raw strings, in order, which need not hold a '='.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vgpu::plan {

class EnvironmentList {
 public:
  // A name that stands twice is kept once, at its first place: with its first value, which is what getenv(3) returns, but
  // LD_PRELOAD and LD_LIBRARY_PATH with their last one, which is what ld.so obeys (glibc's elf/rtld.c goes through all).
  explicit EnvironmentList(const std::vector<std::string>& entries);

  // The value, or nothing. The view is good until the list changes.
  std::optional<std::string_view> get(std::string_view name) const;
  std::string_view get_or(std::string_view name, std::string_view otherwise) const { return get(name).value_or(otherwise); }

  // In place where the name is there, else at the end.
  void set(std::string_view name, std::string_view value);
  void unset(std::string_view name);
  // Takes out every variable whose name begins so.
  void unset_prefix(std::string_view prefix);

  const std::vector<std::string>& entries() const { return entries_; }

 private:
  std::vector<std::string>::const_iterator find(std::string_view name) const;

  std::vector<std::string> entries_;
};

// The name of an entry: what stands before the first '='; nothing where there is none, or no name.
std::optional<std::string_view> variable_name(std::string_view entry);

}  // namespace vgpu::plan
