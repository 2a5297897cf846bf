// The environment of a process as execve(2) takes it: raw strings, in order, which need not hold a '='.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vgpu::plan {

class EnvironmentList {
 public:
  // A name that stands twice is kept once, at its first place: with its first value, which is what getenv(3) returns,
  // but LD_PRELOAD and LD_LIBRARY_PATH with their last one, which is what ld.so obeys (glibc's elf/rtld.c goes through
  // all).
  explicit EnvironmentList(const std::vector<std::string>& entries);

  // The value, or nothing. The view is good until the list changes.
  std::optional<std::string_view> get(std::string_view name) const;
  std::string_view get_or(std::string_view name, std::string_view otherwise) const {
    return get(name).value_or(otherwise);
  }

  // In place where the name is there, else at the end.
  void set(std::string_view name, std::string_view value);
  void unset(std::string_view name);
  // Takes out every variable whose name begins so.
  void unset_prefix(std::string_view prefix);

  const std::vector<std::string>& entries() const& { return entries_; }
  std::vector<std::string> entries() && { return std::move(entries_); }

  // The place of the variable in entries(), whose size stands for none.
  std::size_t find(std::string_view name) const;

 private:
  std::vector<std::string> entries_;
};

// What has to be done to make `after` of `before`. Quick where most entries are the same and in the same order.
struct EnvironmentDifference {
  std::vector<std::string_view> set;    // entries of `after` that `before` has not, or with another value
  std::vector<std::string_view> unset;  // names in `before` only
};
// The views are into the two lists.
EnvironmentDifference difference(const EnvironmentList& before, const EnvironmentList& after);

// The name of an entry: what stands before the first '='; nothing where there is none, or no name.
std::optional<std::string_view> variable_name(std::string_view entry);

}  // namespace vgpu::plan
