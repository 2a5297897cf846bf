// Which account of the session a device has. The accounts are the launch's devices, found by UUID: a process that sees
// only some of them (CUDA_VISIBLE_DEVICES, another for every rank) comes to the same accounts as its neighbours,
// whoever is first.
//
// The one who makes the session keeps a place for each device of the launch, where that is known (settings.h): place 1
// is device 1 also when the process that sees it comes first, and limits that are given one after the other fall on the
// right ones. A place gets its device when the first process comes that sees it.
//
// No lock, and nothing that a death in the middle could leave behind: which places a device may have, and in which
// order they are tried, follows from what never changes again, so everybody tries the same; a place is taken by one
// compare-and-swap of the whole UUID; and what stands in it besides (size, name, limit) is the same whoever writes it,
// so the next to come completes it.
#pragma once

#include "shims/session/file.h"

namespace vgpu::session {

// Whether somebody has completed the account: until then there is nothing in it to be seen.
bool is_described(const Account& account);

// The account of `device`, which is taken and described if it was not. `limits`: VGPU_MEMORY, which has an entry for
// each place. -1: `failure` says why there is none.
int take_place(Layout& layout, const Blueprint::Device& device, const char* limits, Failure& failure);

// Keeps a place for each entry of `order`, a list by ',' of UUIDs, also in part, or of PCI addresses; null: for none.
// Only in a session that nobody else has seen yet.
void keep_places(Layout& layout, const char* order);

// The place in such a list; -1 where it is not in it.
int listed_place(const char* order, const unsigned char (&uuid)[16], std::uint64_t address);

// What vgpuctl limit wants of devices that nobody has described yet: bytes, or a percentage, as Account::asked has it.
inline constexpr std::uint64_t kPercent = std::uint64_t{1} << 63;
std::uint64_t asked_limit(std::uint64_t asked, std::uint64_t memory);

// The limit that the device in `place` has, or will have: what was asked for, else what VGPU_MEMORY says. False: that
// is not of its form.
bool limit_at(const Layout* layout, int place, std::uint64_t memory, const char* limits, std::uint64_t& limit);

}  // namespace vgpu::session
