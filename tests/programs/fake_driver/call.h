// What a test may ask the fake driver, and tell it. Found by dlsym in the fake's own handle.
#pragma once

#include <cstddef>
#include <cstdint>

#define FAKE_PARAMETERS long a, long b, long c, long d, long e, long f, double x
#define FAKE_ARGUMENTS a, b, c, d, e, f, x

struct FakeCall {
  const char* name;
  long arguments[6];
  double real;  // the first vector register
  unsigned long count;
};

extern "C" {
// Notes the call as the last one; 7000 + index.
long fake_note(int index, const char* name, FAKE_PARAMETERS);
FakeCall fake_last_call();
// The next `count` calls of functions whose names begin with `name` fail with `status`.
void fake_fail(const char* name, int status, int count);
// For the functions that are more than a note: 0, or what fake_fail said.
int fake_failure(const char* name);
// The next caller of cuMemPoolGetAttribute stays in there from fake_keep() until fake_let_go(); fake_kept(): it is there.
void fake_keep();
void fake_let_go();
int fake_kept();
// How often one of those was called.
unsigned long fake_calls(const char* name);
// Bytes of device memory that are taken from `device` now, and the most that ever were.
std::uint64_t fake_used(int device);
std::uint64_t fake_most_used(int device);
// Every stream is being captured from now on, or not any more.
void fake_capture(int on);
// Called by cuInit from now on, as a library that the driver loads would be.
void fake_call_in_init(void (*function)());
// CUDA_VISIBLE_DEVICES as it was at cuInit.
const char* fake_visible();
}
