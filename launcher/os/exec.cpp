#include "launcher/os/exec.h"

#include <unistd.h>

#include <cerrno>

namespace vgpu::os {
namespace {

// execve takes char* for historical reasons and does not write through it.
std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
  result.push_back(nullptr);
  return result;
}

}  // namespace

Errno execute(const std::string& file, const std::vector<std::string>& arguments,
              const std::vector<std::string>& environment) {
  std::vector<char*> argv = pointers(arguments);
  std::vector<char*> envp = pointers(environment);
  ::execve(file.c_str(), argv.data(), envp.data());
  return Errno{errno, "execve " + file};
}

Errno execute_by_shell(const std::string& file, const std::vector<std::string>& arguments,
                       const std::vector<std::string>& environment) {
  std::vector<char*> argv = pointers(arguments);
  std::vector<char*> envp = pointers(environment);
  static char shell[] = "/bin/sh";
  argv.insert(argv.begin(), shell);
  if (argv.size() == 2) argv.insert(argv.begin() + 1, nullptr);  // there was no argv[0]
  argv[1] = const_cast<char*>(file.c_str());
  ::execve(shell, argv.data(), envp.data());
  return Errno{errno, "execve /bin/sh"};
}

}  // namespace vgpu::os
