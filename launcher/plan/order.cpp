#include "launcher/plan/order.h"

#include <fnmatch.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <queue>

namespace vgpu::plan {
namespace {

// "`from` stands before `to`", and who says so. No constraint: two foreign entries, which keep their order.
struct Edge {
  std::size_t from;
  std::size_t to;
  const Constraint* constraint;
};

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool means(const Constraint& constraint, const OrderEntry& entry) {
  const std::string& target = constraint.target;
  if (!entry.foreign && (target == entry.name || contains(entry.roles, target))) return true;
  return std::any_of(entry.aliases.begin(), entry.aliases.end(),
                     [&](const std::string& alias) { return fnmatch(target.c_str(), alias.c_str(), 0) == 0; });
}

class Solver {
 public:
  explicit Solver(const std::vector<OrderEntry>& entries) : entries_(entries), next_(entries.size()) {}

  Result<Order> run() {
    for (std::size_t i = 0; i < entries_.size(); ++i) add_edges_of(i);
    keep_foreign_order();
    const std::vector<std::size_t> any = extension({});
    if (any.size() != entries_.size()) return Problems{cycle(any)};
    Order order;
    order.sequence = extension(ranks(any));
    order.reasons = reasons();
    return order;
  }

 private:
  void add_edges_of(std::size_t owner) {
    for (const Constraint& constraint : entries_[owner].constraints) {
      if (constraint.kind != Constraint::Kind::before && constraint.kind != Constraint::Kind::after) continue;
      for (std::size_t other = 0; other < entries_.size(); ++other) {
        if (other == owner || !means(constraint, entries_[other])) continue;
        const bool before = constraint.kind == Constraint::Kind::before;
        add({before ? owner : other, before ? other : owner, &constraint});
      }
    }
  }

  void keep_foreign_order() {
    std::optional<std::size_t> previous;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!entries_[i].foreign) continue;
      if (previous) add({*previous, i, nullptr});
      previous = i;
    }
  }

  void add(const Edge& edge) {
    next_[edge.from].push_back(edges_.size());
    edges_.push_back(edge);
  }

  // The linear extension that is smallest by (rank, index). Shorter than the entries when there is a circle.
  std::vector<std::size_t> extension(const std::vector<int>& rank) const {
    std::vector<std::size_t> waiting_for(entries_.size());
    for (const Edge& edge : edges_) ++waiting_for[edge.to];
    using Key = std::pair<int, std::size_t>;
    std::priority_queue<Key, std::vector<Key>, std::greater<>> ready;
    const auto key = [&](std::size_t i) { return Key(rank.empty() ? 0 : rank[i], i); };
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (waiting_for[i] == 0) ready.push(key(i));
    }
    std::vector<std::size_t> sequence;
    while (!ready.empty()) {
      const std::size_t i = ready.top().second;
      ready.pop();
      sequence.push_back(i);
      for (const std::size_t edge : next_[i]) {
        if (--waiting_for[edges_[edge].to] == 0) ready.push(key(edges_[edge].to));
      }
    }
    return sequence;
  }

  // 0 for what is "first" and what must stand in front of that, 2 for "last" and what must stand behind it, else 1.
  std::vector<int> ranks(const std::vector<std::size_t>& sequence) const {
    std::vector<int> rank(entries_.size(), 1);
    for (auto i = sequence.begin(); i != sequence.end(); ++i) {
      if (asks_for(*i, Constraint::Kind::last)) rank[*i] = 2;
      if (rank[*i] != 2) continue;
      for (const std::size_t edge : next_[*i]) rank[edges_[edge].to] = 2;
    }
    for (auto i = sequence.rbegin(); i != sequence.rend(); ++i) {
      const bool leads =
          std::any_of(next_[*i].begin(), next_[*i].end(), [&](std::size_t edge) { return rank[edges_[edge].to] == 0; });
      if (leads || asks_for(*i, Constraint::Kind::first)) rank[*i] = 0;
    }
    return rank;
  }

  bool asks_for(std::size_t i, Constraint::Kind kind) const {
    return std::any_of(entries_[i].constraints.begin(), entries_[i].constraints.end(),
                       [&](const Constraint& constraint) { return constraint.kind == kind; });
  }

  std::vector<std::vector<std::string>> reasons() const {
    std::vector<std::vector<std::string>> all(entries_.size());
    const auto add = [&](std::size_t i, std::string text, const std::string& why) {
      if (!why.empty()) text.append(": ").append(why);
      if (!contains(all[i], text)) all[i].push_back(std::move(text));
    };
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      for (const Constraint& constraint : entries_[i].constraints) {
        if (constraint.kind == Constraint::Kind::first) add(i, "first", constraint.reason);
        if (constraint.kind == Constraint::Kind::last) add(i, "last", constraint.reason);
      }
    }
    for (const Edge& edge : edges_) {
      if (edge.constraint == nullptr) continue;
      const bool before = edge.constraint->kind == Constraint::Kind::before;
      const std::size_t owner = before ? edge.from : edge.to;
      const std::size_t other = before ? edge.to : edge.from;
      add(owner, (before ? "before " : "after ") + entries_[other].name, edge.constraint->reason);
      if (entries_[other].foreign) {
        add(other, (before ? "after " : "before ") + entries_[owner].name, edge.constraint->reason);
      }
    }
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (all[i].empty()) {
        all[i].push_back(entries_[i].foreign ? "was in LD_PRELOAD, keeps its order there"
                                             : "its place in the manifest");
      }
    }
    return all;
  }

  // A shortest circle among what no linear extension reaches.
  Problem cycle(const std::vector<std::size_t>& reached) const {
    std::vector<bool> free(entries_.size());
    for (const std::size_t i : reached) free[i] = true;
    std::vector<std::size_t> shortest;  // edges
    for (std::size_t start = 0; start < entries_.size(); ++start) {
      if (free[start]) continue;
      const std::vector<std::size_t> circle = way_back_to(start, free);
      if (!circle.empty() && (shortest.empty() || circle.size() < shortest.size())) shortest = circle;
    }
    Problem problem{
        .code = Code::order_cycle, .where = {}, .cause = "the order contradicts itself: ", .fix = {}, .excerpt = {}};
    for (const std::size_t index : shortest) {
      const Edge& edge = edges_[index];
      if (index != shortest.front()) problem.cause += ", ";
      problem.cause.append(entries_[edge.from].name).append(" before ").append(entries_[edge.to].name).append(" (");
      if (edge.constraint == nullptr) {
        problem.cause += "their order in LD_PRELOAD)";
        continue;
      }
      problem.cause.append(to_string(edge.constraint->at)).append(")");
      if (problem.where.empty()) problem.where = to_string(edge.constraint->at);
    }
    problem.fix = "take one of these constraints out, or leave one of the shims out with --without";
    return problem;
  }

  // The edges of a shortest walk from `start` to itself, breadth first.
  std::vector<std::size_t> way_back_to(std::size_t start, const std::vector<bool>& free) const {
    std::vector<std::optional<std::size_t>> came_by(entries_.size());
    std::deque<std::size_t> todo{start};
    while (!todo.empty()) {
      const std::size_t i = todo.front();
      todo.pop_front();
      for (const std::size_t edge : next_[i]) {
        const std::size_t to = edges_[edge].to;
        if (free[to] || came_by[to]) continue;
        came_by[to] = edge;
        if (to != start) {
          todo.push_back(to);
          continue;
        }
        std::vector<std::size_t> circle;
        std::size_t at = start;
        do {
          circle.push_back(*came_by[at]);
          at = edges_[*came_by[at]].from;
        } while (at != start);
        std::reverse(circle.begin(), circle.end());
        return circle;
      }
    }
    return {};
  }

  const std::vector<OrderEntry>& entries_;
  std::vector<Edge> edges_;
  std::vector<std::vector<std::size_t>> next_;  // by entry: edges that leave it
};

}  // namespace

Result<Order> solve_order(const std::vector<OrderEntry>& entries) { return Solver(entries).run(); }

}  // namespace vgpu::plan
