#include "shims/session/books.h"

namespace vgpu::session {
namespace {

// What a word says. Bits, from the lowest: low = 36 total, 28 number; high = 12 slot, 37 difference, 15 number.
constexpr unsigned kTotalBits = 36;
constexpr unsigned kSlotBits = 12;
constexpr unsigned kDifferenceBits = kTotalBits + 1;
constexpr unsigned kNumberLow = 64 - kTotalBits;
constexpr unsigned kNumberBits = kNumberLow + 64 - kSlotBits - kDifferenceBits;
static_assert(kSlots == 1u << kSlotBits && kNumberBits == 43);

constexpr std::uint64_t mask(unsigned bits) { return (std::uint64_t{1} << bits) - 1; }
constexpr std::uint64_t kMostUnits = mask(kTotalBits);  // 32 TiB

struct Word {
  std::uint64_t total;
  std::uint64_t number;
  unsigned slot;
  std::uint64_t difference;  // two's complement of kDifferenceBits

  static Word of(const Pair& pair) {
    return {.total = pair.low & kMostUnits,
            .number = pair.low >> kTotalBits | pair.high >> (kSlotBits + kDifferenceBits) << kNumberLow,
            .slot = static_cast<unsigned>(pair.high & mask(kSlotBits)),
            .difference = pair.high >> kSlotBits & mask(kDifferenceBits)};
  }

  Pair pair() const {
    return {.low = total | (number & mask(kNumberLow)) << kTotalBits,
            .high = slot | difference << kSlotBits | number >> kNumberLow << (kSlotBits + kDifferenceBits)};
  }
};

constexpr std::uint64_t after(std::uint64_t number) { return (number + 1) & mask(kNumberBits); }

// The file may hold anything; a charge that no total can hold is read as none.
constexpr std::uint64_t plausible(std::uint64_t units) { return units <= kMostUnits ? units : 0; }

using Whole = unsigned __int128;

Whole whole(const Pair& pair) { return Whole{pair.high} << 64 | pair.low; }
Pair halves(Whole value) { return {static_cast<std::uint64_t>(value), static_cast<std::uint64_t>(value >> 64)}; }

// Inline cmpxchg16b with -mcx16; the __atomic builtins of 16 bytes would call libatomic. A full barrier.
bool swap(Pair& at, const Pair& expected, const Pair& wanted) {
  return __sync_bool_compare_and_swap(reinterpret_cast<Whole*>(&at), whole(expected), whole(wanted));
}

// The only load of 16 bytes that every x86-64 does in one piece.
Pair load(Pair& at) { return halves(__sync_val_compare_and_swap(reinterpret_cast<Whole*>(&at), Whole{0}, Whole{0})); }

std::uint64_t peek(const std::uint64_t& at) { return __atomic_load_n(&at, __ATOMIC_ACQUIRE); }

}  // namespace

void Books::help(int device, const Pair& pair) const {
  const Word word = Word::of(pair);
  if (word.slot >= count_) return;
  Pair& at = slots_[word.slot].records[device];
  // A glance that costs no bus lock: nearly always the record has it already.
  if (after(peek(at.high)) != word.number) return;
  const Pair record = load(at);
  if (after(record.high) != word.number) return;
  const std::uint64_t sum = (record.low + word.difference) & mask(kDifferenceBits);
  swap(at, record, {.low = plausible(sum), .high = word.number});  // if it fails, somebody else has done it
}

bool Books::reserve(int device, unsigned slot, std::uint64_t units, std::uint64_t limit) const {
  if (limit > kMostUnits) limit = kMostUnits;
  Account& account = accounts_[device];
  for (;;) {
    const Pair before = load(account.word);
    const std::uint64_t total = Word::of(before).total;
    if (total > limit || units > limit - total) return false;
    help(device, before);
    const Pair wanted = Word{.total = total + units,
                             .number = after(peek(slots_[slot].records[device].high)),
                             .slot = slot,
                             .difference = units}
                            .pair();
    if (!swap(account.word, before, wanted)) continue;
    help(device, wanted);
    return true;
  }
}

std::uint64_t Books::give_back(int device, unsigned slot, std::uint64_t units) const {
  return units == 0 ? 0 : take(device, slot, units, nullptr, nullptr);
}

std::uint64_t Books::reclaim(int device, unsigned slot, Dead dead, void* data) const {
  return take(device, slot, kMostUnits, dead, data);
}

std::uint64_t Books::take(int device, unsigned slot, std::uint64_t most, Dead dead, void* data) const {
  Account& account = accounts_[device];
  const Pair& record = slots_[slot].records[device];
  for (;;) {
    const Pair before = load(account.word);
    help(device, before);
    const std::uint64_t total = Word::of(before).total;
    std::uint64_t units = plausible(peek(record.low));
    if (units > most) units = most;
    if (units > total) units = total;  // only where somebody wrote into the file
    if (units == 0 || (dead != nullptr && !dead(slot, data))) return 0;
    const Pair wanted = Word{.total = total - units,
                             .number = after(peek(record.high)),
                             .slot = slot,
                             .difference = (0 - units) & mask(kDifferenceBits)}
                            .pair();
    if (!swap(account.word, before, wanted)) continue;
    help(device, wanted);
    return units;
  }
}

std::uint64_t Books::total(int device) const { return peek(accounts_[device].word.low) & kMostUnits; }

std::uint64_t Books::charged(int device, unsigned slot) const {
  help(device, load(accounts_[device].word));
  return plausible(peek(slots_[slot].records[device].low));
}

bool Books::exact(int device, unsigned top, bool& undecided) const {
  undecided = false;
  Account& account = accounts_[device];
  for (int tries = 0; tries < 10'000; ++tries) {
    const Pair before = load(account.word);
    help(device, before);
    std::uint64_t sum = 0;
    for (unsigned slot = 0; slot < top && slot < count_; ++slot) sum += peek(slots_[slot].records[device].low);
    if (load(account.word) != before) continue;
    return sum == Word::of(before).total;
  }
  undecided = true;
  return true;
}

}  // namespace vgpu::session
