// The order solver: from what each shim asks for to the order in which ld.so shall look symbols up.
#pragma once

#include <string>
#include <vector>

#include "launcher/plan/manifest.h"
#include "launcher/plan/problem.h"

namespace vgpu::plan {

// What is to be ordered, one entry for each place: a selected shim, or an entry that the user's LD_PRELOAD already had.
struct OrderEntry {
  std::string name;  // the shim's name; for a foreign entry what a person calls it
  bool foreign = false;
  std::vector<std::string> roles;    // what constraints may call it besides its name (a shim's "provides")
  std::vector<std::string> aliases;  // SONAMEs, file names and paths: what the globs of constraints are matched against
  std::vector<Constraint> constraints;
};

struct Order {
  std::vector<std::size_t> sequence;              // indices into the entries, in look-up order
  std::vector<std::vector<std::string>> reasons;  // by entry: why it stands where it stands, one sentence each
};

// A linear extension of the constraints that keeps the given order wherever they leave a choice (shims in file order,
// then the foreign entries as they came):
//
// * "before" and "after" hold without exception, between every pair that the names match.
// * Foreign entries keep their order among themselves.
// * "first" stands in front of everything that need not stand in front of it, "last" behind everything that need not
//   stand behind it. Several that ask for the same keep their file order. So neither can contradict anything.
//
// The result is stable (entries that are in a valid order already stay as they are) and hence idempotent. When the
// constraints contradict each other: one Code::order_cycle that names a shortest circle, each step with file and
// pointer.
Result<Order> solve_order(const std::vector<OrderEntry>& entries);

}  // namespace vgpu::plan
