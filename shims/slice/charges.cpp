#include "shims/slice/charges.h"

#include <new>

#include "shims/slice/process_table.h"

namespace vgpu::slice {
namespace {

// Open addressing with linear probing; `kind` 0 is a free place.
struct Table {
  pthread_mutex_t mutex;
  Charge* places;
  std::size_t room;  // a power of two
  std::size_t used;
};

constinit std::atomic<Table*> shared = nullptr;

Table* table() { return process_table(shared); }

std::size_t home(const Table& table, Kind kind, std::uint64_t key) {
  const std::uint64_t mixed = (key ^ static_cast<std::uint64_t>(kind) << 60) * 0x9e3779b97f4a7c15;
  return (mixed >> 20 ^ mixed >> 40) & (table.room - 1);
}

bool free_place(const Charge& place) { return static_cast<std::uint32_t>(place.kind) == 0; }

// The place of the charge, or the free one where it would be.
Charge& place_of(Table& table, Kind kind, std::uint64_t key) {
  std::size_t at = home(table, kind, key);
  while (!free_place(table.places[at]) && (table.places[at].kind != kind || table.places[at].key != key))
    at = (at + 1) & (table.room - 1);
  return table.places[at];
}

bool grow(Table& table) {
  const std::size_t room = table.room == 0 ? 1024 : table.room * 2;
  void* made = process_pages(room * sizeof(Charge));
  if (made == nullptr) return false;
  Charge* old = table.places;
  const std::size_t old_room = table.room;
  table.places = static_cast<Charge*>(made);
  table.room = room;
  for (std::size_t i = 0; i < old_room; ++i) {
    if (!free_place(old[i])) place_of(table, old[i].kind, old[i].key) = old[i];
  }
  if (old != nullptr) munmap(old, old_room * sizeof(Charge));
  return true;
}

// Moves up what stands behind, so that no search ends too early.
void take_out(Table& table, Charge& place) {
  std::size_t hole = static_cast<std::size_t>(&place - table.places);
  for (std::size_t at = (hole + 1) & (table.room - 1); !free_place(table.places[at]);
       at = (at + 1) & (table.room - 1)) {
    const std::size_t wanted = home(table, table.places[at].kind, table.places[at].key);
    const std::size_t from_home = (at - wanted) & (table.room - 1);
    if (from_home < ((at - hole) & (table.room - 1))) continue;
    table.places[hole] = table.places[at];
    hole = at;
  }
  table.places[hole] = {};
  --table.used;
}

}  // namespace

void remember(const Charge& charge) {
  Table* all = table();
  if (all == nullptr) return;
  const Held held(*all);
  if (2 * (all->used + 1) > all->room && !grow(*all)) return;
  Charge& place = place_of(*all, charge.kind, charge.key);
  if (free_place(place)) ++all->used;
  place = charge;
}

bool forget(Kind kind, std::uint64_t key, Charge& charge) {
  return change(
      kind, key, [](Charge&, std::uint64_t) { return true; }, 0, charge);
}

bool change(Kind kind, std::uint64_t key, Change change, std::uint64_t argument, Charge& charge) {
  Table* all = shared.load(std::memory_order_acquire);
  if (all == nullptr) return false;
  const Held held(*all);
  if (all->room == 0) return false;
  Charge& place = place_of(*all, kind, key);
  if (free_place(place)) return false;
  const bool over = change(place, argument);
  charge = place;
  if (over) take_out(*all, place);
  return true;
}

bool find_around(Kind kind, std::uint64_t address, Charge& charge) {
  Table* all = shared.load(std::memory_order_acquire);
  if (all == nullptr) return false;
  const Held held(*all);
  for (std::size_t i = 0; i < all->room; ++i) {
    const Charge& place = all->places[i];
    if (place.kind != kind || address < place.key || address - place.key >= place.bytes) continue;
    charge = place;
    return true;
  }
  return false;
}

bool forget_next(Kind kind, std::uint64_t from, std::uint64_t end, Charge& charge) {
  Table* all = shared.load(std::memory_order_acquire);
  if (all == nullptr) return false;
  const Held held(*all);
  Charge* lowest = nullptr;
  for (std::size_t i = 0; i < all->room; ++i) {
    Charge& place = all->places[i];
    if (place.kind != kind || place.key < from || place.key >= end) continue;
    if (lowest == nullptr || place.key < lowest->key) lowest = &place;
  }
  if (lowest == nullptr) return false;
  charge = *lowest;
  take_out(*all, *lowest);
  return true;
}

}  // namespace vgpu::slice
