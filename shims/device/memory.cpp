#include "shims/device/memory.h"

#include <stdlib.h>

#include <boost/intrusive/set.hpp>

#include "shims/device/backend.h"
#include "shims/device/ledger.h"
#include "shims/device/life.h"
#include "shims/device/lock.h"

namespace vgpu::device::memory {

std::uint64_t charge(std::uint64_t bytes) {
  constexpr std::uint64_t kUnit = backend::kAlignment;
  return bytes > ~std::uint64_t{0} - kUnit ? ~std::uint64_t{0} : (bytes + kUnit - 1) & ~(kUnit - 1);
}

namespace {

namespace intrusive = boost::intrusive;

struct Node : intrusive::set_base_hook<intrusive::link_mode<intrusive::normal_link>> {
  Memory memory;
};

struct BaseOf {
  using type = std::uint64_t;
  const type& operator()(const Node& node) const { return node.memory.base; }
};

using Registry = intrusive::set<Node, intrusive::key_of_value<BaseOf>>;

// Built in place at the first use: the constructor of a global would run at load.
alignas(Registry) constinit unsigned char storage[sizeof(Registry)] = {};
constinit bool built = false;
constinit std::uint64_t last_id = 0;

// The caller holds global_lock.
Registry& registry() {
  if (!built) {
    new (storage) Registry();
    built = true;
  }
  return *std::launder(reinterpret_cast<Registry*>(storage));
}

// The node that holds `address`, or end().
Registry::iterator holder(std::uint64_t address) {
  Registry& all = registry();
  auto after = all.upper_bound(address);
  if (after == all.begin()) return all.end();
  --after;
  return address - after->memory.base < after->memory.size ? after : all.end();
}

bool counted(MemoryKind kind) { return kind != MemoryKind::pinned && kind != MemoryKind::registered; }

int physical(const Memory& memory) { return visible().physical[memory.device]; }

}  // namespace

void give_back(const Memory& memory) {
  switch (memory.kind) {
    case MemoryKind::device:
    case MemoryKind::pooled:
    case MemoryKind::variable: backend::release(physical(memory), memory.base, memory.size); break;
    case MemoryKind::managed:
    case MemoryKind::managed_variable:
    case MemoryKind::pinned: backend::release_shared(memory.base, memory.size); break;
    case MemoryKind::registered: break;
  }
  if (counted(memory.kind)) ledger::give_back(physical(memory), charge(memory.size));
}

namespace {

Node* make_node(const Memory& memory) {
  void* place = malloc(sizeof(Node));
  if (place == nullptr) return nullptr;
  Node* node = new (place) Node();
  node->memory = memory;
  return node;
}

// Takes out of the registry, one after the other, what `matches`; releases each without the lock.
template <typename Matches>
void free_all(Matches matches) {
  std::uint64_t from = 0;
  for (;;) {
    Node* dead = nullptr;
    {
      const Guard guard(global_lock);
      Registry& all = registry();
      auto it = all.lower_bound(from);
      while (it != all.end() && !matches(it->memory)) ++it;
      if (it == all.end()) return;
      dead = &*it;
      from = dead->memory.base;
      all.erase(it);
    }
    give_back(dead->memory);
    ::free(dead);
  }
}

}  // namespace

Outcome allocate(Memory& wanted) {
  const bool charged = counted(wanted.kind);
  if (charged && !ledger::reserve(physical(wanted), charge(wanted.size))) {
    return Outcome::out_of_memory;
  }
  wanted.base =
      wanted.on_device() ? backend::allocate(physical(wanted), wanted.size) : backend::allocate_shared(wanted.size);
  Node* node = wanted.base == 0 ? nullptr : make_node(wanted);
  if (node == nullptr) {
    if (wanted.base != 0) {
      give_back(wanted);
    } else if (charged) {
      ledger::give_back(physical(wanted), charge(wanted.size));
    }
    return Outcome::out_of_memory;
  }
  const Guard guard(global_lock);
  wanted.id = node->memory.id = ++last_id;
  registry().insert(*node);
  return Outcome::done;
}

Outcome enter_registered(Memory& wanted) {
  Node* node = make_node(wanted);
  if (node == nullptr) return Outcome::out_of_memory;
  {
    const Guard guard(global_lock);
    Registry& all = registry();
    const auto next = all.lower_bound(wanted.base);
    const bool free_before = holder(wanted.base) == all.end();
    if (free_before && (next == all.end() || next->memory.base - wanted.base >= wanted.size)) {
      wanted.id = node->memory.id = ++last_id;
      all.insert(*node);
      return Outcome::done;
    }
  }
  ::free(node);
  return Outcome::overlaps;
}

bool find(std::uint64_t address, Memory& found) {
  const Guard guard(global_lock);
  const auto it = holder(address);
  if (it == registry().end()) return false;
  found = it->memory;
  return true;
}

bool find_base(std::uint64_t base, Memory& found) { return find(base, found) && found.base == base; }

bool touches(std::uint64_t first, std::uint64_t end) {
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t page = first & ~(kPage - 1);
  if (backend::owns(first) || backend::owns(end - 1)) return true;
  const Guard guard(global_lock);
  Registry& all = registry();
  auto it = all.lower_bound(end);
  while (it != all.begin()) {
    --it;
    const Memory& memory = it->memory;
    if (memory.kind == MemoryKind::registered) continue;
    return memory.end() > page;
  }
  return false;
}

bool update(std::uint64_t address, void (*change)(Memory&, void*), void* data) {
  const Guard guard(global_lock);
  const auto it = holder(address);
  if (it == registry().end()) return false;
  change(it->memory, data);
  return true;
}

Outcome forget(std::uint64_t base, bool (*accept)(MemoryKind), Memory& ended) {
  Node* dead = nullptr;
  {
    const Guard guard(global_lock);
    Registry& all = registry();
    const auto it = all.find(base);
    if (it == all.end() || !accept(it->memory.kind)) return Outcome::unknown;
    dead = &*it;
    all.erase(it);
  }
  ended = dead->memory;
  ::free(dead);
  return Outcome::done;
}

Outcome free(std::uint64_t base, bool (*accept)(MemoryKind), Memory* ended) {
  Memory dead = {};
  const Outcome outcome = forget(base, accept, dead);
  if (outcome != Outcome::done) return outcome;
  give_back(dead);
  if (ended != nullptr) *ended = dead;
  return outcome;
}

void free_context(Handle context) {
  free_all([context](const Memory& memory) { return memory.context == context; });
}

void free_pool(Handle pool) {
  free_all([pool](const Memory& memory) { return memory.pool == pool; });
}

std::uint64_t used(int physical) { return ledger::used(physical); }

}  // namespace vgpu::device::memory
