// cuInit of a slice, from places where nobody expects it.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/gpu/slice_library.h"

using namespace vgpu::test;

namespace {

int depth = 0;
int again = -1;
int status_of_child = -1;

// As a tool that the driver loads (CUDA_INJECTION64_PATH) would, and a thread that forks meanwhile.
void in_the_middle() {
  if (depth++ != 0) return;
  const pid_t child = fork();
  if (child == 0) {
    alarm(5);
    _exit(cuda("cuInit", 0U));
  }
  waitpid(child, &status_of_child, 0);
  again = cuda("cuInit", 0U);  // last: from here on nobody waits any more
}

}  // namespace

TEST_SUITE("init") {

TEST_CASE("what the driver loads while it initialises may call cuInit, and so may a child that is forked meanwhile") {
  alarm(20);  // without an end: that is the failure
  const char* visible = "GPU-a1000000-0000-0000-0000-000000000000";
  setenv("VGPU_VISIBLE", visible, 1);
  setenv("CUDA_VISIBLE_DEVICES", "0", 1);
  fake<void>("fake_call_in_init", &in_the_middle);
  CHECK(cuda("cuInit", 0U) == 0);
  CHECK(again == 0);
  CHECK(status_of_child == 0);
  CHECK(std::string(getenv("CUDA_VISIBLE_DEVICES")) == "0");
  CHECK(std::string(fake<const char*>("fake_visible")) == visible);
}

}  // TEST_SUITE("init")
