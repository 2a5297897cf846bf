// usage: session_many DIRECTORY COUNT: lives in COUNT sessions of that directory, named as by this process, until its
// stdin ends.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/session/scene.h"

using namespace vgpu;

int main(int count, char** words) {
  if (count != 3) return 2;
  const std::string directory = words[1];
  struct stat status = {};
  if (stat(directory.c_str(), &status) != 0) return std::perror(words[1]), 1;
  std::vector<session::Member> members(static_cast<std::size_t>(std::atoi(words[2])));
  for (std::size_t i = 0; i < members.size(); ++i) {
    char name[80];
    std::snprintf(name, sizeof name, "/%s%d-%016llx-%llx", session::kNamePrefix, getpid(),
                  static_cast<unsigned long long>(i * 0x9e3779b97f4a7c15u),
                  static_cast<unsigned long long>(status.st_dev));
    if (!session_test::hold(directory + name, (i + 1) * session::kUnit, members[i])) return 1;
  }
  std::puts("up");
  std::fflush(stdout);
  return std::getchar() == EOF ? 0 : 1;
}
