// Build tool: writes and checks what shims/abi says about a library. See README.md in this folder.
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "shims/abi/check.h"
#include "shims/abi/elf_file.h"
#include "shims/abi/entry_points.h"
#include "shims/abi/generate.h"
#include "shims/abi/list.h"

namespace vgpu::abi {
namespace {

constexpr char kUsage[] = R"(usage:
  abi_tool generate LIST --library NAME --not-supported N --script FILE --source FILE [--trampolines --header FILE]
  abi_tool entry-points LIST --header FILE
  abi_tool check LIBRARY LIST [--door NAME]...
  abi_tool gate LIBRARY [--soname NAME] [--needed NAME]... [--glibc VERSION] [--constructors N] [--weak NAME]...
                [--libc LIBC]
  abi_tool sizes LIBRARY...
)";

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Arguments {
  std::vector<std::string> operands;
  std::map<std::string, std::vector<std::string>> options;

  std::string one(const std::string& name, const std::string& otherwise) const {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : found->second.back();
  }
  std::string one(const std::string& name) const {
    if (options.count(name) == 0) throw UsageError(name + " is missing");
    return one(name, "");
  }
  std::vector<std::string> all(const std::string& name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::vector<std::string>() : found->second;
  }
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--")) {
      arguments.operands.push_back(word);
    } else if (word == "--trampolines") {
      arguments.options[word].push_back("");
    } else if (i + 1 < argc) {
      arguments.options[word].push_back(argv[++i]);
    } else {
      throw UsageError(word + " needs a value");
    }
  }
  return arguments;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error(path + ": cannot be written");
}

std::string base_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

int generate(const Arguments& arguments) {
  if (arguments.operands.size() != 1) throw UsageError("generate takes one list");
  const std::vector<Export> list = read_list(arguments.operands[0]);
  const Generation generation{.library = arguments.one("--library"),
                              .not_supported = std::stoi(arguments.one("--not-supported")),
                              .list = base_name(arguments.operands[0])};
  const bool trampolines = arguments.options.count("--trampolines") != 0;
  write(arguments.one("--script"), version_script(list));
  write(arguments.one("--source"), trampolines ? trampoline_source(list, generation) : stub_source(list, generation));
  if (trampolines) write(arguments.one("--header"), index_header(list, generation));
  return 0;
}

int entry_points(const Arguments& arguments) {
  if (arguments.operands.size() != 1) throw UsageError("entry-points takes one list");
  const std::string& list = arguments.operands[0];
  write(arguments.one("--header"), entry_point_header(read_list(list), base_name(list)));
  return 0;
}

int report(const std::string& library, const std::vector<std::string>& complaints) {
  for (const std::string& complaint : complaints) std::cerr << library << ": " << complaint << '\n';
  return complaints.empty() ? 0 : 1;
}

int check(const Arguments& arguments) {
  if (arguments.operands.size() != 2) throw UsageError("check takes a library and a list");
  return report(arguments.operands[0],
                compare(read_elf(arguments.operands[0]), read_list(arguments.operands[1]), arguments.all("--door")));
}

int gate(const Arguments& arguments) {
  if (arguments.operands.size() != 1) throw UsageError("gate takes one library");
  const std::string libc = arguments.one("--libc", "");
  const Rules rules{.soname = arguments.one("--soname", ""),
                    .needed = arguments.all("--needed"),
                    .newest_glibc = arguments.one("--glibc", ""),
                    .constructors = std::stoul(arguments.one("--constructors", "0")),
                    .unversioned = arguments.all("--weak"),
                    .moved = libc.empty() ? std::vector<std::string>() : moved_names(read_elf(libc))};
  return report(arguments.operands[0], violations(read_elf(arguments.operands[0]), rules));
}

int sizes(const Arguments& arguments) {
  std::cout << std::left << std::setw(28) << "library" << std::right << std::setw(10) << "file KiB" << std::setw(10)
            << "load KiB" << std::setw(9) << "exports" << std::setw(9) << "relocs" << std::setw(7) << "ctors\n";
  for (const std::string& path : arguments.operands) {
    const ElfFile file = read_elf(path);
    std::size_t exports = 0;
    for (const Symbol& symbol : file.symbols) exports += symbol.defined ? 1 : 0;
    std::cout << std::left << std::setw(28) << base_name(path) << std::right << std::fixed << std::setprecision(1)
              << std::setw(10) << static_cast<double>(file.file_size) / 1024 << std::setw(10)
              << static_cast<double>(file.load_size) / 1024 << std::setw(9) << exports << std::setw(9)
              << file.relocations << std::setw(6) << file.constructors << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace vgpu::abi

int main(int argc, char** argv) {
  using namespace vgpu::abi;
  const std::map<std::string, int (*)(const Arguments&)> commands = {
      {"generate", generate}, {"entry-points", entry_points}, {"check", check}, {"gate", gate}, {"sizes", sizes}};
  try {
    const auto command = commands.find(argc > 1 ? argv[1] : "");
    if (command == commands.end()) throw UsageError("no such command");
    return command->second(parse(argc, argv));
  } catch (const UsageError& error) {
    std::cerr << "abi_tool: " << error.what() << '\n' << kUsage;
  } catch (const std::exception& error) {
    std::cerr << "abi_tool: " << error.what() << '\n';
  }
  return 2;
}
