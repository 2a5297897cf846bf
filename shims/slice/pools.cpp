#include "shims/slice/pools.h"

#include "shims/device/description.h"
#include "shims/device/ledger.h"
#include "shims/slice/devices.h"
#include "shims/slice/process_table.h"

namespace vgpu::slice {
namespace {

namespace ledger = device::ledger;
using cuda::CUDA_SUCCESS;

constexpr int kPools = 1024;
constexpr int kReservedByPool = 5;    // CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT
constexpr int kReservedByGraphs = 2;  // CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT

struct Record {
  enum class State : int { free, pool, nowhere, graphs, ended };
  State state;
  int device;             // the session's number
  Pool pool;              // null for graphs
  std::uint64_t used;     // in allocations, also in those that are being made
  std::uint64_t charged;  // in the ledger; at least `used` and `granted`
  std::uint64_t granted;  // to calls of graphs that are under way: of `charged`, not to be given back
};

struct Table {
  pthread_mutex_t mutex;
  std::atomic<int> loose;  // records that are charged for more than is in use
  int count;               // records below it have been used
  Record records[kPools];
};

constinit std::atomic<Table*> shared = nullptr;

// The driver is asked while it is held: it never calls back.
Table* table() { return process_table(shared); }

std::uint64_t reserved(const Record& record) {
  std::uint64_t bytes = 0;
  if (record.state == Record::State::pool) {
    if (real(abi::k_cuMemPoolGetAttribute, record.pool, kReservedByPool, &bytes) != CUDA_SUCCESS) bytes = 0;
  } else if (record.state == Record::State::graphs) {
    if (real(abi::k_cuDeviceGetGraphMemAttribute, handle_of(record.device), kReservedByGraphs, &bytes) != CUDA_SUCCESS)
      bytes = 0;
  }
  return whole_units(bytes);
}

bool is_loose(const Record& record) { return record.charged > record.used + record.granted; }

void count_loose(Table& all, const Record& record, bool was_loose) {
  const int change = static_cast<int>(is_loose(record)) - static_cast<int>(was_loose);
  if (change != 0) all.loose.fetch_add(change, std::memory_order_relaxed);
}

// False: what is reserved beyond the charge is not to be had.
bool settle(Table& all, Record& record) {
  const bool was_loose = is_loose(record);
  const std::uint64_t kept = reserved(record);
  const std::uint64_t least = kept > record.used ? kept : record.used;
  bool good = true;
  if (least > record.charged) {
    good = ledger::reserve(record.device, least - record.charged);
    if (good) record.charged = least;
  } else if (record.charged > least + record.granted) {
    ledger::give_back(record.device, record.charged - least - record.granted);
    record.charged = least + record.granted;
  }
  if (record.state == Record::State::ended && record.used == 0) record.state = Record::State::free;
  count_loose(all, record, was_loose);
  return good;
}

void trim(const Record& record) {
  if (record.state == Record::State::pool) real(abi::k_cuMemPoolTrimTo, record.pool, std::size_t{0});
  if (record.state == Record::State::graphs) real(abi::k_cuDeviceGraphMemTrim, handle_of(record.device));
}

// Whether anything was given back.
bool release_all(Table& all, int device) {
  if (all.loose.load(std::memory_order_relaxed) == 0) return false;
  bool any = false;
  for (int i = 0; i < all.count; ++i) {
    Record& record = all.records[i];
    if (record.device != device || record.state == Record::State::free || !is_loose(record)) continue;
    const std::uint64_t before = record.charged;
    settle(all, record);
    if (is_loose(record)) {
      trim(record);
      settle(all, record);
    }
    any = any || record.charged < before;
  }
  return any;
}

bool take(Table& all, int device, std::uint64_t bytes) {
  return ledger::reserve(device, bytes) || (release_all(all, device) && ledger::reserve(device, bytes));
}

int find(Table& all, Record::State state, Pool pool, int device) {
  for (int i = 0; i < all.count; ++i) {
    const Record& record = all.records[i];
    if (record.state == Record::State::nowhere && state == Record::State::pool && record.pool == pool) return i;
    if (record.state == state && record.pool == pool && (state == Record::State::pool || record.device == device))
      return i;
  }
  return -1;
}

int add(Table& all, Record::State state, Pool pool, int device) {
  for (int i = 0; i < kPools; ++i) {
    if (all.records[i].state != Record::State::free) continue;
    all.records[i] = {.state = state, .device = device, .pool = pool, .used = 0, .charged = 0, .granted = 0};
    if (i >= all.count) all.count = i + 1;
    return i;
  }
  return -1;
}

Record& graphs(Table& all, int device, bool& room) {
  int number = find(all, Record::State::graphs, nullptr, device);
  if (number < 0) number = add(all, Record::State::graphs, nullptr, device);
  room = number >= 0;
  return all.records[room ? number : 0];
}

// Whose default pool it is; -1: nobody's.
int owner_of(Pool pool) {
  for (int number = 0; number < device::kMaxDevices; ++number) {
    const CUdevice handle = handle_of(number);
    Pool of = nullptr;
    if (handle >= 0 && real(abi::k_cuDeviceGetDefaultMemPool, &of, handle) == CUDA_SUCCESS && of == pool) return number;
  }
  return -1;
}

}  // namespace

int pool_number(Pool pool, int otherwise) {
  Table* all = table();
  if (all == nullptr || pool == nullptr) return -1;
  const Held held(*all);
  int number = find(*all, Record::State::pool, pool, 0);
  if (number < 0) {
    const int owner = owner_of(pool);
    const int device = owner >= 0 ? owner : otherwise;
    if (device >= 0) number = add(*all, Record::State::pool, pool, device);
  }
  return number >= 0 && all->records[number].state == Record::State::pool ? number : -1;
}

void pool_made(Pool pool, int device) {
  Table* all = table();
  if (all == nullptr) return;
  const Held held(*all);
  add(*all, device >= 0 ? Record::State::pool : Record::State::nowhere, pool, device);
}

// What is still in use of it stays until it is freed; the driver answers no more questions about it.
void pool_ended(Pool pool) {
  Table* all = shared.load(std::memory_order_acquire);
  if (all == nullptr) return;
  const Held held(*all);
  const int number = find(*all, Record::State::pool, pool, 0);
  if (number < 0) return;
  all->records[number].state = Record::State::ended;
  all->records[number].pool = nullptr;
  settle(*all, all->records[number]);
}

int pool_device(int number) { return shared.load(std::memory_order_acquire)->records[number].device; }

bool pool_take(int number, std::uint64_t bytes) {
  Table& all = *shared.load(std::memory_order_acquire);
  const Held held(all);
  Record& record = all.records[number];
  std::uint64_t used = 0;
  if (__builtin_add_overflow(record.used, bytes, &used)) return false;
  for (bool released = false; used > record.charged; released = true) {
    const std::uint64_t more = used - record.charged;  // anew: what is released may be this pool's
    if (ledger::reserve(record.device, more)) {
      const bool was_loose = is_loose(record);
      record.charged += more;
      count_loose(all, record, was_loose);
    } else if (released || !release_all(all, record.device)) {
      return false;
    }
  }
  const bool was_loose = is_loose(record);
  record.used = used;
  count_loose(all, record, was_loose);
  return true;
}

void pool_drop(int number, std::uint64_t bytes) {
  Table* all = shared.load(std::memory_order_acquire);
  if (all == nullptr) return;
  const Held held(*all);
  Record& record = all->records[number];
  const bool was_loose = is_loose(record);
  record.used -= bytes < record.used ? bytes : record.used;
  count_loose(*all, record, was_loose);
  settle(*all, record);
}

bool pool_settle(int number) {
  Table& all = *shared.load(std::memory_order_acquire);
  const Held held(all);
  if (settle(all, all.records[number])) return true;
  return release_all(all, all.records[number].device) && settle(all, all.records[number]);
}

void pool_trim(int number) {
  Table& all = *shared.load(std::memory_order_acquire);
  const Held held(all);
  trim(all.records[number]);
  settle(all, all.records[number]);
}

bool graph_grant(int device, std::uint64_t bytes) {
  Table* all = table();
  if (all == nullptr) return true;
  const Held held(*all);
  bool room = false;
  Record& record = graphs(*all, device, room);
  if (!room) return true;
  if (!take(*all, device, bytes)) return false;
  record.charged += bytes;
  record.granted += bytes;
  return true;
}

bool graph_granted(int device, std::uint64_t bytes) {
  Table* all = table();
  if (all == nullptr) return true;
  const Held held(*all);
  bool room = false;
  Record& record = graphs(*all, device, room);
  if (!room) return true;
  const bool was_loose = is_loose(record);
  record.granted -= bytes < record.granted ? bytes : record.granted;
  count_loose(*all, record, was_loose);
  return settle(*all, record);
}

void graph_settle(int device) { graph_granted(device, 0); }

void settle_released() {
  Table* all = shared.load(std::memory_order_acquire);
  if (all == nullptr || all->loose.load(std::memory_order_relaxed) == 0) return;
  const Held held(*all);
  for (int i = 0; i < all->count; ++i) {
    Record& record = all->records[i];
    if (record.state != Record::State::free && record.state != Record::State::nowhere && is_loose(record))
      settle(*all, record);
  }
}

bool reserve(int device, std::uint64_t bytes) {
  if (ledger::reserve(device, bytes)) return true;
  Table* all = shared.load(std::memory_order_acquire);
  if (all == nullptr || all->loose.load(std::memory_order_relaxed) == 0) return false;
  const Held held(*all);
  return release_all(*all, device) && ledger::reserve(device, bytes);
}

}  // namespace vgpu::slice
