#include "launcher/plan/suggest.h"

#include <algorithm>

namespace vgpu::plan {
namespace {

// Insertions, deletions, substitutions and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

}  // namespace

std::string suggest(std::string_view typed, const std::vector<std::string>& known) {
  constexpr std::size_t kLongest = 64;  // nobody mistypes a name of that length, and the work is quadratic
  if (typed.empty() || typed.size() > kLongest) return {};
  std::string best;
  std::size_t least = std::max<std::size_t>(typed.size() / 3, 1) + 1;
  for (const std::string& name : known) {
    if (name.size() > kLongest || name == typed) continue;
    const std::size_t cost = distance(typed, name);
    if (cost < least && cost < name.size()) {
      least = cost;
      best = name;
    }
  }
  return best;
}

}  // namespace vgpu::plan
