// Device memory, for the parts of the fake driver that take some.
#pragma once

#include "tests/programs/fake_driver/call.h"

inline constexpr int kInvalid = 1;
inline constexpr int kOutOfMemory = 2;
inline constexpr int kNotOfAPool = -1;

// `name`: of the function that is called, which may have been told to fail; null: none.
int fake_take(const char* name, int device, std::uint64_t bytes, std::uint64_t* at);
int fake_drop(const char* name, std::uint64_t at);

// Pools: kNotOfAPool where the address is none of theirs.
int fake_pool_free(const char* name, std::uint64_t at);
void fake_release_pools();
