// "#!" lines as the kernel reads them, and env(1) behind one of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vgpu::plan {

// The kernel looks at this many bytes (BINPRM_BUF_SIZE, since Linux 5.1) and follows this many levels
// (fs/exec.c, exec_binprm); one more is ELOOP.
inline constexpr std::size_t kShebangBytes = 256;
inline constexpr int kShebangLevels = 5;

struct Shebang {
  std::string interpreter;
  std::string argument;  // all the rest of the line as one string, "" when there is none
};

// Reads the first line of a file that begins with "#!" as fs/binfmt_script.c does. Nothing where the kernel
// would not take it for a script (ENOEXEC): no interpreter named, or its name reaches beyond the first 256
// bytes.
std::optional<Shebang> parse_shebang(std::string_view head);

// What env(1) was asked to execute.
struct EnvCommand {
  std::string command;                // empty: none, env prints the environment
  std::vector<std::string> operands;  // behind the command
  std::optional<std::string> path;    // PATH was set; empty optional and path_unset false: as it was
  bool path_unset = false;            // by -u PATH, or by -i without a PATH behind it
  std::string directory;              // -C
  std::string error;                  // env would refuse this: why
};

// `arguments`: behind argv[0]. Understands the options of GNU coreutils 9 (-S with its quoting among them);
// `variables` is the environment for ${NAME} in -S.
EnvCommand parse_env(const std::vector<std::string>& arguments, const std::vector<std::string>& variables);

}  // namespace vgpu::plan
