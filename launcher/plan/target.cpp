#include "launcher/plan/target.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "launcher/os/elf.h"
#include "launcher/plan/script.h"
#include "launcher/plan/target_elf.h"

namespace vgpu::plan {
namespace {

constexpr int kMaxPrograms = 8;  // scripts that start scripts through env
constexpr std::size_t kMaxPath = 4096;

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view as_text(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// One way to execute the command: what execve would answer (0: it would run), and what we know about it.
struct Attempt {
  int error = 0;
  Target target;
  Problems problems;
};

class Inspector {
 public:
  Inspector(const os::Machine& machine, Look look) : machine_(machine), look_(look) {}

  // execvp(3), glibc's execvpe: what goes wrong with one candidate decides whether the search goes on.
  Attempt search(const std::string& command, std::string_view path, int depth) {
    if (command.find('/') != std::string::npos) return attempt(command, path, depth);
    Attempt denied;   // the first EACCES, which is remembered over a later ENOENT
    Attempt missing;  // a candidate that exists but lacks its interpreter: a better cause than "not found"
    std::size_t begin = 0;
    while (!command.empty() && begin <= path.size()) {
      const std::size_t end = std::min(path.find(':', begin), path.size());
      const std::string_view directory = path.substr(begin, end - begin);
      begin = end + 1;
      if (directory.size() >= kMaxPath) continue;
      // An empty element is the working directory, and the name is then given without any directory.
      const std::string file = directory.empty() ? command : std::string(directory) + "/" + command;
      const auto status = machine_.status(file);
      if (status.has_error() && is_elsewhere(status.error().value)) continue;  // what nearly every directory answers
      Attempt candidate = attempt(file, status, path, depth);
      switch (candidate.error) {
        case EACCES:
          if (denied.error == 0) denied = std::move(candidate);
          continue;
        case ENOENT:
          if (missing.error == 0) missing = std::move(candidate);
          continue;
        default:
          if (is_elsewhere(candidate.error)) continue;
          return candidate;
      }
    }
    if (denied.error != 0) return denied;
    if (missing.error != 0) return missing;
    Attempt nothing;
    nothing.error = ENOENT;
    nothing.problems.push_back(
        {Code::target_missing,
         Severity::error,
         command.empty() ? "the command" : command,
         command.empty() ? "it is an empty string" : "it is in no directory of PATH (" + std::string(path) + ")",
         "install it, add its directory to PATH, or give its path",
         {}});
    return nothing;
  }

 private:
  static bool is_elsewhere(int error) {
    return error == ENOENT || error == ENOTDIR || error == ESTALE || error == ENODEV || error == ETIMEDOUT;
  }

  static void fail(Attempt& attempt, int error, Code code, const std::string& where, std::string cause,
                   std::string fix) {
    attempt.error = error;
    attempt.problems.push_back({code, Severity::error, where, std::move(cause), std::move(fix), {}});
  }

  std::string absolute(const std::string& file) const {
    if (file.starts_with("/")) return file;
    const std::string directory = machine_.working_directory();
    return directory + (directory.ends_with("/") ? "" : "/") + (file.starts_with("./") ? file.substr(2) : file);
  }

  // Everything that execve(2) checks before it looks into the file. False: `attempt` says what is wrong.
  bool may_execute(const std::string& file, const std::string& named_by, const os::Result<os::FileStatus>& asked,
                   Attempt& attempt) const {
    const std::string by = named_by.empty() ? "" : ", the interpreter of " + named_by + ",";
    if (asked.has_error()) {
      const int error = asked.error().value;
      if (error == ENOENT && !named_by.empty()) {
        fail(attempt, error, Code::target_interpreter_missing, named_by,
             "its first line names the interpreter " + file + ", which does not exist",
             file.ends_with("\r") ? "remove the carriage return from its first line (the script has DOS line ends)"
                                  : "install the interpreter, or correct the script's first line");
      } else if (error == ENOENT) {
        fail(attempt, error, Code::target_missing, file, "there is no such file", "correct the path of the command");
      } else {
        fail(attempt, error, Code::target_not_executable, file,
             (by.empty() ? "it" : file + by) + " cannot be reached: " + std::strerror(error),
             error == EACCES ? "give yourself search permission on every directory above it"
                             : "correct the path of the command");
      }
      return false;
    }
    const os::FileStatus& status = *asked;
    const std::string subject = by.empty() ? "it" : file + by;
    if (status.kind == os::FileStatus::Kind::directory) {
      fail(attempt, EACCES, Code::target_is_directory, file, subject + " is a directory", "name the program inside it");
      return false;
    }
    if (status.kind != os::FileStatus::Kind::regular) {
      fail(attempt, EACCES, Code::target_not_executable, file, subject + " is not a regular file", "name a program");
      return false;
    }
    // All three bits or none answer for everybody, but for ACLs, which execve itself will obey.
    const std::uint32_t bits = status.mode & 0111u;
    if (bits == 0 || (bits != 0111u && !machine_.executable(file))) {
      fail(attempt, EACCES, Code::target_not_executable, file,
           subject + (bits == 0 ? " has no execute permission" : " gives you no execute permission"),
           "chmod +x it, or start it through its interpreter");
      return false;
    }
    return true;
  }

  Attempt attempt(const std::string& file, std::string_view path, int depth) {
    return attempt(file, machine_.status(file), path, depth);
  }

  Attempt attempt(const std::string& file, os::Result<os::FileStatus> asked, std::string_view path, int depth) {
    Attempt result;
    result.target.file = file;
    result.target.path = file;
    std::string current = file;
    std::string named_by;
    for (int level = 0;; ++level) {
      if (level > kShebangLevels) {
        fail(result, ELOOP, Code::target_script_loop, file,
             "its interpreter is a script, and so on for more than " + std::to_string(kShebangLevels) +
                 " levels, which the kernel does not follow",
             "let the first line name a program, not a script");
        break;
      }
      if (!may_execute(current, named_by, asked, result)) break;
      if (look_ == Look::name_only) break;
      const auto view = machine_.view(current);  // before the question about noexec, which it may answer
      if (machine_.on_noexec_mount(current)) {
        fail(result, EACCES, Code::target_noexec_mount, current, "it is on a file system that is mounted noexec",
             "copy it to another file system, or remount that one: mount -o remount,exec");
        break;
      }
      if (view.has_error()) {
        unreadable(result, current, view.error());
        break;
      }
      const auto bytes = (*view)->bytes();
      const std::string_view text = as_text(bytes);
      if (text.starts_with("\177ELF")) {
        if (finish(result, current, *asked, bytes)) through_env(result, current, path, depth);
        break;
      }
      const auto shebang = parse_shebang(text);
      if (!shebang) {
        by_shell(result, file, text, path, depth);
        break;
      }
      result.target.steps.push_back({current, shebang->interpreter, shebang->argument});
      named_by = current;
      current = shebang->interpreter;
      asked = machine_.status(current);
    }
    if (result.error == 0) result.target.path = absolute(file);
    return result;
  }

  // The kernel executes what it may execute; only we cannot look.
  static void unreadable(Attempt& result, const std::string& file, const os::Errno& error) {
    result.target.program = file;
    result.problems.push_back({Code::target_unreadable,
                               Severity::warning,
                               file,
                               std::string("it may be executed but not read (") + std::strerror(error.value) +
                                   "), so whether it can carry the shims is not known",
                               "make it readable for this user to have it checked",
                               {}});
  }

  // The file that runs in the end, an ELF file by its magic. True: execve would run it.
  bool finish(Attempt& result, const std::string& file, const os::FileStatus& status,
              std::span<const unsigned char> bytes) const {
    result.target.program = file;
    const auto elf = os::read_elf(bytes);
    if (elf.has_error()) {
      fail(result, ENOEXEC, Code::target_invalid, file, "it is not a valid ELF file: " + elf.error().what,
           "install it again: it is damaged or incomplete");
      return false;
    }
    result.error =
        inspect_elf(machine_, file, status, *elf, look_ == Look::without_linker, result.target, result.problems);
    return result.error == 0;
  }

  // ENOEXEC: execvp(3), and env(1) with it, hands the file to /bin/sh. (The kernel answers ENOEXEC for the
  // whole chain, also when only an interpreter's interpreter is not a program, so it is always the first file
  // that the shell gets.)
  void by_shell(Attempt& result, const std::string& file, std::string_view text, std::string_view path, int depth) {
    if (text.substr(0, kShebangBytes).find('\0') != std::string_view::npos) {
      fail(result, ENOEXEC, Code::target_invalid, file, "it is neither a program nor a script",
           "name a program, or a script whose first line begins with #!");
      return;
    }
    if (depth >= kMaxPrograms) {
      fail(result, ELOOP, Code::target_script_loop, file, "its interpreters never end in a program",
           "repair /bin/sh, which must be a program");
      return;
    }
    Attempt shell = attempt("/bin/sh", path, depth + 1);
    result.error = shell.error;
    result.problems.insert(result.problems.end(), shell.problems.begin(), shell.problems.end());
    shell.target.file = result.target.file;
    shell.target.path = result.target.path;
    shell.target.steps.insert(shell.target.steps.begin(), Target::Step{file, "/bin/sh", {}});
    result.target = std::move(shell.target);
  }

  // "#!/usr/bin/env PROGRAM": env is only a door, the program behind it is the target.
  void through_env(Attempt& result, const std::string& program, std::string_view path, int depth) {
    if (result.target.steps.empty() || base_name(program) != "env") return;
    const std::string& script = result.target.steps.front().script;
    // Each level of "#!" gives its argument and its script's name; only the last one's are env's own.
    const Target::Step& last = result.target.steps.back();
    std::vector<std::string> arguments;
    if (!last.argument.empty()) arguments.push_back(last.argument);
    arguments.push_back(last.script);
    const EnvCommand env = parse_env(arguments, machine_.environment());
    if (!env.error.empty()) {
      fail(result, ENOENT, Code::target_invalid, script, "env refuses its first line: " + env.error,
           "write #!/usr/bin/env -S PROGRAM ARGUMENT...");
      return;
    }
    std::string searched(path);
    if (env.path) searched = *env.path;
    if (env.path_unset) searched = kDefaultPath;
    if (env.command.empty()) return;  // its options took the script's name: env itself runs, and prints its environment
    if (env.command == last.script || depth >= kMaxPrograms) {
      fail(result, ELOOP, Code::target_script_loop, script, "env is asked to run the script itself, without end",
           "name the program behind env in its first line");
      return;
    }
    Attempt inner = search(env.command, searched, depth + 1);
    if (inner.error != 0) {
      // env(1) is started and ends with 126 or 127: nothing of the command would run.
      Problem& problem = inner.problems.back();
      if (problem.code == Code::target_missing) {
        problem.cause = "it names " + env.command + " behind env, which is in no directory of PATH (" + searched + ")";
        problem.fix = env.command.find(' ') == std::string::npos
                          ? "install " + env.command + ", or add its directory to PATH"
                          : "write env -S: a \"#!\" line passes everything behind env as one argument";
        problem.where = script;
      }
      result.error = inner.error;
      result.problems.insert(result.problems.end(), inner.problems.begin(), inner.problems.end());
      return;
    }
    Target target = std::move(inner.target);
    target.file = result.target.file;
    target.path = result.target.path;
    target.secure |= result.target.secure;
    target.steps.insert(target.steps.begin(), result.target.steps.begin(), result.target.steps.end());
    result.target = std::move(target);
    // What env itself is (a static busybox, say) does not matter: the variables pass through it.
    result.problems = std::move(inner.problems);
  }

  const os::Machine& machine_;
  const Look look_;
};

}  // namespace

Target inspect_target(const os::Machine& machine, const std::string& command, std::string_view path_variable,
                      Problems& problems, Look look) {
  Attempt result = Inspector(machine, look).search(command, path_variable, 0);
  problems.insert(problems.end(), std::make_move_iterator(result.problems.begin()),
                  std::make_move_iterator(result.problems.end()));
  return std::move(result.target);
}

ExitStatus exit_status(Code code) {
  switch (code) {
    case Code::target_missing:
    case Code::target_interpreter_missing: return ExitStatus::not_found;
    case Code::target_not_executable:
    case Code::target_is_directory:
    case Code::target_invalid:
    case Code::target_wrong_machine:
    case Code::target_script_loop:
    case Code::target_noexec_mount: return ExitStatus::not_executable;
    default: return ExitStatus::own_failure;
  }
}

}  // namespace vgpu::plan
