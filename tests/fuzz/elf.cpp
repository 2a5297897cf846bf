// Any bytes as an ELF file: an error value or facts that keep the reader's promises, never a crash, never a hang.
#include "launcher/os/elf.h"

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "launcher/os/memory_machine.h"
#include "launcher/plan/characters.h"
#include "launcher/plan/library_search.h"
#include "launcher/plan/preflight_library.h"
#include "launcher/plan/target.h"

using namespace vgpu;

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

// Names out of the file: what it holds between two zeros, so no longer than the file and without a zero.
void check_name(std::string_view name, std::size_t size) {
  require(name.size() < size && name.find('\0') == std::string_view::npos);
}

void check(const os::ElfFile& elf, std::size_t size) {
  require(elf.elf_class == 32 || elf.elf_class == 64);
  require(!elf.machine.empty());
  for (const std::string& name : elf.needed) check_name(name, size);
  for (const std::string& name : elf.defines) check_name(name, size);
  for (const os::VersionNeed& need : elf.needs) {
    check_name(need.library, size);
    for (const std::string& version : need.versions) check_name(version, size);
  }
  for (const std::string* name : {&elf.interpreter, &elf.soname, &elf.rpath, &elf.runpath}) check_name(*name, size);
  require(elf.dynamic || (elf.needed.empty() && elf.soname.empty() && elf.needs.empty() && elf.defines.empty()));

  const std::string newest = os::newest_glibc(elf);
  require(newest.empty() || os::compare_versions(newest, newest) == 0);
  const std::string libc = os::libc_of(elf);
  require(libc.empty() || libc == "glibc" || libc == "musl" || libc == "bionic");
}

void check_symbols(std::span<const unsigned char> bytes) {
  const auto* begin = reinterpret_cast<const char*>(bytes.data());
  const auto inside = [&](std::string_view name) {
    require(name.empty() || (name.data() >= begin && name.data() + name.size() < begin + bytes.size()));
  };
  for (const os::DynamicSymbol& symbol : os::dynamic_symbols(bytes)) {
    inside(symbol.name);
    inside(symbol.version);
  }
  for (const os::UndefinedSymbol& symbol : os::undefined_symbols(bytes)) require(!symbol.name.empty());
}

// The same bytes where they come from: a program that is started, and a library that is preloaded into it.
void check_callers(const std::string& content) {
  os::MemoryMachine machine;
  machine.add_program("/bin/program", content);
  machine.add("/lib/library.so", content);
  plan::Problems problems;
  const plan::Target target = plan::inspect_target(machine, "/bin/program", plan::kDefaultPath, problems);
  require(!problems.empty() || target.elf_class != 0);
  plan::Problems refused;
  const auto facts = plan::inspect_library(machine, "/lib/library.so", plan::Trust::ours, {}, refused);
  require(facts.has_value() == refused.empty());
  problems.insert(problems.end(), refused.begin(), refused.end());
  for (const plan::Problem& problem : problems) {
    require(!problem.where.empty() && !problem.cause.empty() && !problem.fix.empty());
    for (const char c : plan::to_text(problem, "vgpu-run")) require(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const unsigned char> bytes(data, size);
  const os::ElfResult elf = os::read_elf(bytes);
  if (elf.has_value()) {
    check(*elf, size);
  } else {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    require(!elf.error().what.empty() && (!elf.error().not_elf || !text.starts_with("\177ELF\2\1")));
  }
  check_symbols(bytes);
  check_callers(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
