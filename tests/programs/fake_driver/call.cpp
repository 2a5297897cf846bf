#include "tests/programs/fake_driver/call.h"

#include <cstring>
#include <map>
#include <mutex>
#include <string>

namespace {

std::mutex lock;
FakeCall last = {};
char failing[64] = "";
int failing_status = 0;
int failing_count = 0;
std::map<std::string, unsigned long> calls;

}  // namespace

extern "C" long fake_note(int index, const char* name, FAKE_PARAMETERS) {
  const std::lock_guard guard(lock);
  last = {name, {a, b, c, d, e, f}, x, last.count + 1};
  return 7000 + index;
}

extern "C" FakeCall fake_last_call() {
  const std::lock_guard guard(lock);
  return last;
}

extern "C" void fake_fail(const char* name, int status, int count) {
  const std::lock_guard guard(lock);
  std::strncpy(failing, name, sizeof failing - 1);
  failing_status = status;
  failing_count = count;
}

extern "C" unsigned long fake_calls(const char* name) {
  const std::lock_guard guard(lock);
  return calls[name];
}

extern "C" int fake_failure(const char* name) {
  const std::lock_guard guard(lock);
  ++calls[name];
  last = {name, {}, 0, last.count + 1};
  if (failing_count == 0 || std::strncmp(name, failing, std::strlen(failing)) != 0) return 0;
  --failing_count;
  return failing_status;
}
