#include "launcher/plan/library_search.h"

#include <doctest/doctest.h>

#include <cstring>

#include "launcher/os/memory_machine.h"
#include "launcher/plan/ld_cache.h"
#include "tests/unit/elf_builder.h"

using namespace vgpu;
using namespace vgpu::plan;
using os::MemoryMachine;

namespace {

struct CacheEntry {
  std::uint32_t flags;
  std::string key;
  std::string value;
  std::uint64_t hwcap = 0;
};

void word(std::string& text, std::uint32_t value) {
  char bytes[4];
  std::memcpy(bytes, &value, 4);
  text.append(bytes, 4);
}

std::string cache(const std::vector<CacheEntry>& entries) {
  std::string strings;
  std::string table;
  const std::size_t strings_at = 48 + 24 * entries.size();
  const auto add = [&](const std::string& text) {
    const std::size_t at = strings_at + strings.size();
    strings += text + '\0';
    return static_cast<std::uint32_t>(at);
  };
  for (const CacheEntry& entry : entries) {
    word(table, entry.flags);
    word(table, add(entry.key));
    word(table, add(entry.value));
    word(table, 0);
    word(table, static_cast<std::uint32_t>(entry.hwcap));
    word(table, static_cast<std::uint32_t>(entry.hwcap >> 32));
  }
  std::string header = "glibc-ld.so.cache1.1";
  word(header, static_cast<std::uint32_t>(entries.size()));
  word(header, static_cast<std::uint32_t>(strings.size()));
  header.resize(48, '\0');
  return header + table + strings;
}

std::vector<std::string> paths(const std::string& bytes, const char* soname, int elf_class = 64,
                               const char* machine = "x86_64") {
  return ld_cache_paths({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}, soname, elf_class,
                        machine);
}

std::string library() { return test::shared_library("libx.so.1").build(); }

std::string library32() {
  test::ElfBuilder elf = test::shared_library("libx.so.1");
  elf.elf_class = 32;
  elf.machine = 3;
  return elf.build();
}

std::string found(const MemoryMachine& machine, const SearchPath& path, const std::string& name = "libx.so.1") {
  return find_library(machine, name, path).value_or("");
}

}  // namespace

TEST_CASE("DT_RPATH, LD_LIBRARY_PATH, DT_RUNPATH, cache, default directories: the first one wins") {
  MemoryMachine machine;
  SearchPath path;
  path.rpath = {"/rpath"};
  path.library_path = {"/env"};
  machine.add("/usr/lib/libx.so.1", library());
  CHECK(found(machine, path) == "/usr/lib/libx.so.1");
  machine.add("/lib/x86_64-linux-gnu/libx.so.1", library());
  CHECK(found(machine, path) == "/lib/x86_64-linux-gnu/libx.so.1");
  machine.add("/etc/ld.so.cache", cache({{0x0303, "libx.so.1", "/cached/libx.so.1"}}));
  machine.add("/cached/libx.so.1", library());
  CHECK(found(machine, path) == "/cached/libx.so.1");
  machine.add("/runpath/libx.so.1", library());
  path.runpath = {"/runpath"};
  CHECK(found(machine, path) == "/runpath/libx.so.1");
  machine.add("/env/libx.so.1", library());
  CHECK(found(machine, path) == "/env/libx.so.1");
  machine.add("/rpath/libx.so.1", library());
  CHECK(found(machine, path) == "/env/libx.so.1");  // DT_RUNPATH switches DT_RPATH off
  path.runpath = {};
  CHECK(found(machine, path) == "/rpath/libx.so.1");
}

TEST_CASE("a file of another class or machine is passed over") {
  MemoryMachine machine;
  SearchPath path;
  path.library_path = {"/a", "/b"};
  machine.add("/a/libx.so.1", library32());
  machine.add("/b/libx.so.1", library());
  CHECK(found(machine, path) == "/b/libx.so.1");
  path.elf_class = 32;
  path.machine = "i386";
  CHECK(found(machine, path) == "/a/libx.so.1");
}

TEST_CASE("a stale cache entry is passed over") {
  MemoryMachine machine;
  machine.add("/etc/ld.so.cache", cache({{0x0303, "libx.so.1", "/gone/libx.so.1"}}));
  CHECK(found(machine, {}).empty());
  machine.add("/lib64/libx.so.1", library());
  CHECK(found(machine, {}) == "/lib64/libx.so.1");
}

TEST_CASE("tokens are replaced, also in braces, and not inside longer names") {
  MemoryMachine machine;
  SearchPath path;
  path.origin = "/app/bin";
  path.library_path = {"$ORIGIN/../lib"};
  machine.add("/app/lib/libx.so.1", library());
  machine.add_directory("/app/bin");
  CHECK(found(machine, path) == "/app/bin/../lib/libx.so.1");
  path.library_path = {"${ORIGIN}/../lib"};
  CHECK(found(machine, path) == "/app/bin/../lib/libx.so.1");
  path.library_path = {"$ORIGINAL/../lib"};
  CHECK(found(machine, path).empty());
  path.library_path = {"/app/$LIB/$PLATFORM"};
  CHECK(found(machine, path).empty());
  machine.add("/app/lib64/haswell/libx.so.1", library());
  CHECK(found(machine, path) == "/app/lib64/haswell/libx.so.1");
  CHECK(found(machine, path, "$ORIGIN/../lib/libx.so.1") == "/app/bin/../lib/libx.so.1");
  path.origin.clear();
  path.library_path = {"$ORIGIN$ORIGIN/app/lib"};
  CHECK(found(machine, path) == "/app/lib/libx.so.1");
}

TEST_CASE("an empty entry is the working directory") {
  MemoryMachine machine;
  machine.set_working_directory("/here");
  machine.add("/here/libx.so.1", library());
  SearchPath path;
  path.library_path = split_library_path("/nope:");
  CHECK(found(machine, path) == "libx.so.1");
}

TEST_CASE("LD_LIBRARY_PATH is split at colons and semicolons") {
  CHECK(split_library_path("").empty());
  CHECK(split_library_path("/a") == std::vector<std::string>{"/a"});
  CHECK(split_library_path("/a:/b;/c") == std::vector<std::string>{"/a", "/b", "/c"});
  CHECK(split_library_path(":/a:") == std::vector<std::string>{"", "/a", ""});
}

TEST_CASE("musl has its own directories and no cache") {
  MemoryMachine machine;
  SearchPath path;
  path.libc = "musl";
  machine.add("/etc/ld.so.cache", cache({{0x0303, "libx.so.1", "/cached/libx.so.1"}}));
  machine.add("/cached/libx.so.1", library());
  CHECK(found(machine, path).empty());
  machine.add("/usr/local/lib/libx.so.1", library());
  CHECK(found(machine, path) == "/usr/local/lib/libx.so.1");
  machine.add("/etc/ld-musl-x86_64.path", "/special\n");
  CHECK(found(machine, path).empty());
  machine.add("/special/libx.so.1", library());
  CHECK(found(machine, path) == "/special/libx.so.1");
}

TEST_CASE("the cache is read by name, class and machine, plain entries before those for special CPUs") {
  const std::string bytes = cache({{0x0303, "libx.so.1", "/special/libx.so.1", std::uint64_t{1} << 62},
                                   {0x0303, "libx.so.1", "/plain/libx.so.1"},
                                   {0x0003, "libx.so.1", "/32/libx.so.1"},
                                   {0x0303, "liby.so", "/y"}});
  CHECK(paths(bytes, "libx.so.1") == std::vector<std::string>{"/plain/libx.so.1", "/special/libx.so.1"});
  CHECK(paths(bytes, "libx.so.1", 32, "i386") == std::vector<std::string>{"/32/libx.so.1"});
  CHECK(paths(bytes, "libx.so.1", 64, "riscv").empty());
  CHECK(paths(bytes, "libx.so").empty());
  // The same behind a cache of the old format, as glibc before 2.32 wrote it.
  std::string old("ld.so-1.7.0\0", 12);
  word(old, 1);
  old.resize(16 + 12 + 4, '\0');
  CHECK(paths(old + bytes, "liby.so") == std::vector<std::string>{"/y"});
}

TEST_CASE("a broken cache holds nothing and breaks nothing") {
  const std::string good = cache({{0x0303, "libx.so.1", "/x"}, {0x0303, "liby.so", "/y"}});
  for (std::size_t size = 0; size < good.size(); ++size) paths(good.substr(0, size), "libx.so.1");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = '\xff';
    paths(bad, "libx.so.1");
  }
  CHECK(paths("text", "libx.so.1").empty());
  std::string old("ld.so-1.7.0\0", 12);
  word(old, 0xffffffff);
  CHECK(paths(old + good, "libx.so.1").empty());
}
