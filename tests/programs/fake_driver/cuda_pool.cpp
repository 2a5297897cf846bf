// Pools, as the real driver has them: memory is taken in blocks of 32 MiB, what is freed stays until somebody waits,
// and then what the release threshold allows. And the memory of graphs, which stays until it is trimmed.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/programs/fake_driver/memory.h"

namespace {

constexpr std::uint64_t kBlock = std::uint64_t{32} << 20;

struct Pool {
  int device;
  std::uint64_t threshold = 0;
  std::uint64_t used = 0;
  std::vector<std::uint64_t> blocks;  // each of kBlock
  bool destroyed = false;
  bool on_host = false;
  std::uint64_t reserved() const { return blocks.size() * kBlock; }
};
struct Piece {
  std::uint64_t pool;
  std::uint64_t bytes;
};
struct Properties {
  int type, handle_types, location_type, location;
};
struct Node {
  int device;
  std::uint64_t bytes;
};

std::recursive_mutex lock;
std::map<std::uint64_t, Pool> pools;
std::map<std::uint64_t, Piece> pieces;
std::map<int, std::uint64_t> current_pools;
std::map<std::uint64_t, std::vector<Node>> graphs;
std::map<int, std::vector<std::uint64_t>> graph_blocks;
std::uint64_t next = 0x7e0000000000;
bool capturing = false;

enum class Keeping { no, asked, kept };
std::atomic<Keeping> keeping = Keeping::no;

// Without our lock: a child of fork would find it taken.
void stay_while_kept() {
  Keeping asked = Keeping::asked;
  if (!keeping.compare_exchange_strong(asked, Keeping::kept)) return;
  while (keeping == Keeping::kept) std::this_thread::yield();
}

int current() {
  const char* text = std::getenv("FAKE_CURRENT");
  return text != nullptr ? std::atoi(text) : 0;
}

std::uint64_t default_pool(int device) {
  const std::uint64_t handle = 0x500 + static_cast<std::uint64_t>(device);
  pools.try_emplace(handle, Pool{device, 0, 0, {}, false, false});
  return handle;
}

int grow(Pool& pool, std::uint64_t to) {
  std::uint64_t at = 0;
  for (; pool.reserved() < to; pool.blocks.push_back(at)) {
    if (pool.on_host) continue;
    if (const int status = fake_take(nullptr, pool.device, kBlock, &at)) return status;
  }
  return 0;
}

void shrink(Pool& pool, std::uint64_t least) {
  while (!pool.blocks.empty() && pool.reserved() - kBlock >= std::max(least, pool.used)) {
    if (!pool.on_host) fake_drop(nullptr, pool.blocks.back());
    pool.blocks.pop_back();
  }
}

int allocate(const char* name, std::uint64_t* at, std::uint64_t bytes, std::uint64_t pool) {
  if (const int failed = fake_failure(name)) return failed;
  const std::lock_guard guard(lock);
  if (capturing) {
    graphs[0x600].push_back({current(), bytes});
    return *at = next += 0x200000, 0;
  }
  const auto found = pools.find(pool);
  if (found == pools.end() || found->second.destroyed) return kInvalid;
  if (const int status = grow(found->second, found->second.used + bytes)) return status;
  found->second.used += bytes;
  *at = next += 0x200000;
  pieces[*at] = {pool, bytes};
  return 0;
}

int synchronize(const char* name) {
  if (const int failed = fake_failure(name)) return failed;
  fake_release_pools();
  return 0;
}

}  // namespace

int fake_pool_free(const char* name, std::uint64_t at) {
  const std::lock_guard guard(lock);
  const auto piece = pieces.find(at);
  if (piece == pieces.end()) return kNotOfAPool;
  if (const int failed = fake_failure(name)) return failed;
  pools[piece->second.pool].used -= piece->second.bytes;
  pieces.erase(piece);
  return 0;
}

void fake_release_pools() {
  const std::lock_guard guard(lock);
  for (auto& [handle, pool] : pools) shrink(pool, pool.destroyed ? 0 : pool.threshold);
}

extern "C" {
void fake_capture(int on) { capturing = on != 0; }
void fake_keep() { keeping = Keeping::asked; }
void fake_let_go() { keeping = Keeping::no; }
int fake_kept() { return keeping == Keeping::kept; }

int cuStreamIsCapturing(void*, int* status) { return *status = capturing, 0; }
int cuStreamIsCapturing_ptsz(void*, int* status) { return *status = capturing, 0; }
int cuDeviceGetDefaultMemPool(std::uint64_t* pool, int device) {
  const std::lock_guard guard(lock);
  return *pool = default_pool(device), 0;
}
int cuDeviceGetMemPool(std::uint64_t* pool, int device) {
  const std::lock_guard guard(lock);
  const auto set = current_pools.find(device);
  return *pool = set != current_pools.end() ? set->second : default_pool(device), 0;
}
int cuDeviceSetMemPool(int device, std::uint64_t pool) {
  const std::lock_guard guard(lock);
  return current_pools[device] = pool, 0;
}
int cuMemPoolCreate(std::uint64_t* pool, const Properties* of) {
  const std::lock_guard guard(lock);
  static std::uint64_t last = 0x1000;
  *pool = last += 0x1000;
  pools[*pool] = {of->location, 0, 0, {}, false, of->location_type != 1};
  return 0;
}
int cuMemPoolDestroy(std::uint64_t pool) {
  if (const int failed = fake_failure("cuMemPoolDestroy")) return failed;
  const std::lock_guard guard(lock);
  pools[pool].destroyed = true;
  shrink(pools[pool], 0);
  return 0;
}
int cuMemPoolTrimTo(std::uint64_t pool, std::size_t least) {
  const std::lock_guard guard(lock);
  shrink(pools[pool], least);
  return 0;
}
int cuMemPoolSetAttribute(std::uint64_t pool, int attribute, std::uint64_t* value) {
  const std::lock_guard guard(lock);
  if (attribute != 4) return kInvalid;
  return pools[pool].threshold = *value, 0;
}
int cuMemPoolGetAttribute(std::uint64_t pool, int attribute, std::uint64_t* value) {
  if (std::getenv("FAKE_OLD") != nullptr) return 801;
  stay_while_kept();
  const std::lock_guard guard(lock);
  if (pools[pool].destroyed || (attribute != 5 && attribute != 7)) return kInvalid;
  return *value = attribute == 5 ? pools[pool].reserved() : pools[pool].used, 0;
}

int cuMemAllocAsync(std::uint64_t* at, std::size_t bytes, void*) {
  std::uint64_t pool = 0;
  cuDeviceGetMemPool(&pool, current());
  return allocate("cuMemAllocAsync", at, bytes, pool);
}
int cuMemAllocAsync_ptsz(std::uint64_t* at, std::size_t bytes, void*) {
  std::uint64_t pool = 0;
  cuDeviceGetMemPool(&pool, current());
  return allocate("cuMemAllocAsync_ptsz", at, bytes, pool);
}
int cuMemAllocFromPoolAsync(std::uint64_t* at, std::size_t bytes, std::uint64_t pool, void*) {
  return allocate("cuMemAllocFromPoolAsync", at, bytes, pool);
}
int cuMemFreeAsync(std::uint64_t at, void*) {
  const int status = fake_pool_free("cuMemFreeAsync", at);
  return status != kNotOfAPool ? status : fake_drop("cuMemFreeAsync", at);
}
int cuMemFreeAsync_ptsz(std::uint64_t at, void*) {
  const int status = fake_pool_free("cuMemFreeAsync_ptsz", at);
  return status != kNotOfAPool ? status : fake_drop("cuMemFreeAsync_ptsz", at);
}

int cuStreamSynchronize(void*) { return synchronize("cuStreamSynchronize"); }
int cuStreamSynchronize_ptsz(void*) { return synchronize("cuStreamSynchronize_ptsz"); }
int cuCtxSynchronize() { return synchronize("cuCtxSynchronize"); }
int cuCtxSynchronize_v2(void*) { return synchronize("cuCtxSynchronize_v2"); }
int cuEventSynchronize(void*) { return synchronize("cuEventSynchronize"); }

// Graphs: a node is its place in its graph plus one; an executable graph is the graph's number with a bit more.
int cuGraphAddMemAllocNode(std::uint64_t* node, std::uint64_t graph, const void*, std::size_t,
                           const std::uint64_t* parameters) {
  const std::lock_guard guard(lock);
  graphs[graph].push_back({reinterpret_cast<const Properties*>(parameters)->location, parameters[13]});
  return *node = graph << 16 | graphs[graph].size(), 0;
}
int cuGraphGetNodes(std::uint64_t graph, std::uint64_t* nodes, std::size_t* count) {
  const std::lock_guard guard(lock);
  for (std::size_t i = 0; nodes != nullptr && i < *count; ++i) nodes[i] = graph << 16 | (i + 1);
  return *count = graphs[graph].size(), 0;
}
int cuGraphNodeGetType(std::uint64_t, int* type) { return *type = 10, 0; }
int cuGraphMemAllocNodeGetParams(std::uint64_t node, std::uint64_t* parameters) {
  const std::lock_guard guard(lock);
  const Node& one = graphs[node >> 16].at((node & 0xffff) - 1);
  reinterpret_cast<Properties*>(parameters)->location = one.device;
  return parameters[13] = one.bytes, 0;
}
int cuGraphInstantiateWithFlags(std::uint64_t* made, std::uint64_t graph, std::uint64_t) {
  if (const int failed = fake_failure("cuGraphInstantiateWithFlags")) return failed;
  return *made = graph | 1ULL << 32, 0;
}
int cuGraphExecDestroy(std::uint64_t) { return fake_failure("cuGraphExecDestroy"); }
int cuGraphLaunch(std::uint64_t graph, void*) {
  if (const int failed = fake_failure("cuGraphLaunch")) return failed;
  const std::lock_guard guard(lock);
  std::map<int, std::uint64_t> needs;
  for (const Node& node : graphs[graph & 0xffffffff]) needs[node.device] += node.bytes;
  for (const auto& [device, bytes] : needs) {
    std::uint64_t at = 0;
    for (auto& blocks = graph_blocks[device]; blocks.size() * kBlock < bytes; blocks.push_back(at)) {
      if (const int status = fake_take(nullptr, device, kBlock, &at)) return status;
    }
  }
  return 0;
}
int cuDeviceGetGraphMemAttribute(int device, int attribute, std::uint64_t* value) {
  const std::lock_guard guard(lock);
  return *value = attribute == 2 ? graph_blocks[device].size() * kBlock : 0, 0;
}
int cuDeviceGraphMemTrim(int device) {
  if (const int failed = fake_failure("cuDeviceGraphMemTrim")) return failed;
  const std::lock_guard guard(lock);
  for (const std::uint64_t at : graph_blocks[device]) fake_drop(nullptr, at);
  return graph_blocks[device].clear(), 0;
}
}
