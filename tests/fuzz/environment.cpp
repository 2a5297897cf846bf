// Any bytes as an environment of a child: what the shims make of it is what the reference says, and fits the room asked
// for.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/unit/environment_case.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string wrong = vgpu::test::check_environment({data, size});
  if (wrong.empty()) return 0;
  std::fprintf(stderr, "%s\n", wrong.c_str());
  std::abort();
}
