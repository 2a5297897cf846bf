// The arithmetic of the ledger: who holds how much of which device, without a lock, and repairable when a process dies
// between any two instructions. No system call, no state of its own; tests/model/ledger.pml is the same in Promela.
//
// INVARIANT, at every moment and for every device:
//
//     total  ==  sum of the records of all slots  +  the last operation, if its record does not have it yet
//
// Total and last operation (slot, number, difference) stand in one 16-byte word, so they change together. An operation
// is
//
//     1. read the word;  2. put the operation it names into the record of its slot, if it is not there yet ("help");
//     3. compute the new total from this word;  4. compare-and-swap the word;  5. help with one's own, too.
//
// After 2, and for as long as the word stays the same, the total is exactly the sum of the records. Step 4 succeeds
// only in that case, so at most one operation is ever missing from the records, and it stands in the word for everybody
// to see. A process that dies before 4 has done nothing; one that dies after 4 has done it, and the next one finishes
// step 5.
//
// Why nothing happens twice: a slot's operations are numbered, a record takes only the number after its own, and the
// number is part of both compare-and-swaps. It has 43 bits: a helper would have to sleep through 2^43 operations of one
// slot (five days at 20 million a second) to be fooled.
//
// A dead slot is reclaimed by one more operation in its name, by anybody, and by several at once.
#pragma once

#include "shims/session/layout.h"

namespace vgpu::session {

class Books {
 public:
  // `slots` has room for every slot number that `accounts` can name: kSlots, or 1 for the books of one process.
  constexpr Books() = default;
  constexpr Books(Account* accounts, Slot* slots, unsigned count) : accounts_(accounts), slots_(slots), count_(count) {}

  // Charges `units` to `slot` unless the total would pass `limit` (units). No total above the limit is ever seen.
  bool reserve(int device, unsigned slot, std::uint64_t units, std::uint64_t limit) const;

  // Takes back; never more than the slot was charged. Returns what was taken back.
  std::uint64_t give_back(int device, unsigned slot, std::uint64_t units) const;

  // Gives back everything that `slot` is charged, if dead(slot, data) says so. It is asked after the books were read
  // and before they are changed: when the change succeeds there was no operation in between, so that the charge belongs
  // to whoever was dead at the time of the question, even if the slot has a new owner by now. Returns the units freed.
  using Dead = bool (*)(unsigned slot, void* data);
  std::uint64_t reclaim(int device, unsigned slot, Dead dead, void* data) const;

  std::uint64_t total(int device) const;
  std::uint64_t charged(int device, unsigned slot) const;

  // The checker: false when the invariant does not hold for slots below `top`. Can be asked while others work; where
  // they are so busy that no quiet moment comes in 10000 tries, it answers true and sets `undecided`.
  bool exact(int device, unsigned top, bool& undecided) const;

 private:
  void help(int device, const Pair& word) const;
  std::uint64_t take(int device, unsigned slot, std::uint64_t most, Dead dead, void* data) const;

  Account* accounts_ = nullptr;
  Slot* slots_ = nullptr;
  unsigned count_ = 0;
};

}  // namespace vgpu::session
