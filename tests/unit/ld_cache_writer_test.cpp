// Caches made here, and the real one, judged by our own reader and by ldconfig -p.
#include "launcher/plan/ld_cache_writer.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "launcher/plan/ld_cache.h"

using namespace vgpu::plan;
using Strings = std::vector<std::string>;

namespace {

constexpr std::uint32_t kFlags = 0x0303;

std::span<const unsigned char> bytes(const std::string& text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

Strings paths(const std::string& cache, const std::string& name) {
  return ld_cache_paths(bytes(cache), name, 64, "x86_64");
}

std::string made(std::vector<CacheEntry> front, std::vector<CacheEntry> behind = {}, const std::string& from = {}) {
  return extended_ld_cache(bytes(from), front, behind);
}

std::string content(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The lines "NAME (FLAGS...) => PATH" of ldconfig -p.
Strings listed(const std::string& cache) {
  const std::string file = std::filesystem::temp_directory_path() / ("vgpu-cache-" + std::to_string(::rand()));
  std::ofstream(file, std::ios::binary) << cache;
  Strings lines;
  const std::string command = "PATH=/sbin:/usr/sbin:$PATH ldconfig -p -C '" + file + "' 2>&1";
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    char line[8192];
    while (std::fgets(line, sizeof line, pipe) != nullptr) {
      if (line[0] == '\t') lines.emplace_back(line);
    }
    CHECK(::pclose(pipe) == 0);
  }
  std::filesystem::remove(file);
  return lines;
}

}  // namespace

TEST_CASE("from nothing, in the order that a binary search wants") {
  const std::string cache = made({{"liba.so.10", "/x/liba.so.10", kFlags},
                                  {"liba.so.9", "/x/liba.so.9", kFlags},
                                  {"liba.so", "/x/liba.so", kFlags},
                                  {"libab.so", "/x/libab.so", kFlags},
                                  {"lib0.so", "/x/lib0.so", kFlags}});
  for (const char* name : {"liba.so.10", "liba.so.9", "liba.so", "libab.so", "lib0.so"}) {
    CHECK(paths(cache, name) == Strings{std::string("/x/") + name});
  }
  const Strings lines = listed(cache);
  REQUIRE(lines.size() == 5);
  const char* order[] = {"libab.so", "liba.so.10", "liba.so.9", "liba.so", "lib0.so"};
  // Digits are more than any other character: lib0 stands before liba, largest first.
  CHECK(lines[0].find("lib0.so ") != std::string::npos);
  for (std::size_t i = 0; i < 4; ++i) CHECK(lines[i + 1].find(std::string(order[i]) + " ") != std::string::npos);
}

TEST_CASE("in front of what is there, and behind it; the same again changes nothing") {
  const std::string host = made({{"libx.so", "/host/libx.so", kFlags}, {"liby.so", "/host/liby.so", kFlags}});
  const std::vector<CacheEntry> front{{"libx.so", "/first/libx.so", kFlags}, {"libx.so", "/second/libx.so", kFlags}};
  const std::vector<CacheEntry> behind{{"libx.so", "/last/libx.so", kFlags}, {"libnew.so", "/last/libnew.so", kFlags}};
  const std::string cache = made(front, behind, host);
  CHECK(paths(cache, "libx.so") == Strings{"/first/libx.so", "/second/libx.so", "/host/libx.so", "/last/libx.so"});
  CHECK(paths(cache, "liby.so") == Strings{"/host/liby.so"});
  CHECK(paths(cache, "libnew.so") == Strings{"/last/libnew.so"});
  CHECK(made(front, behind, cache) == cache);
}

TEST_CASE("another class of the same name is another library") {
  const std::string cache = made({{"libx.so", "/x/64", kFlags}}, {{"libx.so", "/x/32", 0x0003}});
  CHECK(paths(cache, "libx.so") == Strings{"/x/64"});
  CHECK(ld_cache_paths(bytes(cache), "libx.so", 32, "i386") == Strings{"/x/32"});
}

TEST_CASE("a broken cache counts as none") {
  const std::string good = made({{"libx.so", "/x", kFlags}});
  for (const std::string& broken : {std::string("nonsense"), good.substr(0, 40),
                                    std::string("ld.so-1.7.0\0\xff\xff\xff\xff", 16), good.substr(0, 60)}) {
    const std::string cache = made({{"libnew.so", "/new", kFlags}}, {}, broken);
    CHECK(paths(cache, "libnew.so") == Strings{"/new"});
  }
}

TEST_CASE(
    "damaged anywhere: what is added is found where the rest can be searched, and nothing is read out of bounds") {
  const std::string good = made({{"liba.so.1", "/x/liba.so.1", kFlags}, {"libb.so.1", "/x/libb.so.1", kFlags}});
  unsigned random = 1;
  for (int round = 0; round < 20000; ++round) {
    std::string broken = good;
    for (int i = 0; i < 1 + round % 4; ++i) {
      random = random * 1103515245 + 12345;
      broken[(random >> 8) % broken.size()] = static_cast<char>(random >> 24);
    }
    if (round % 3 == 0) broken.resize((random >> 4) % (broken.size() + 1));
    const std::string cache = made({{"libnew.so", "/new", kFlags}}, {{"libnew.so", "/last", kFlags}}, broken);
    const Strings found = paths(cache, "libnew.so");
    REQUIRE_FALSE(found.empty());
    CHECK(found.front() == "/new");
  }
}

TEST_CASE("this machine's own cache: nothing lost, extensions included, and in order for ldconfig") {
  const std::string host = content("/etc/ld.so.cache");
  if (host.empty()) return;
  const Strings before = listed(host);
  REQUIRE(before.size() > 10);
  const std::string cache = made({{"libcuda.so", "/v/libcuda.so", kFlags}, {"libc.so.6", "/v/libc.so.6", kFlags}},
                                 {{"libzzz.so.1", "/v/libzzz.so.1", kFlags}}, host);
  const Strings after = listed(cache);
  CHECK(after.size() == before.size() + 3);
  const std::multiset<std::string> all(after.begin(), after.end());
  for (const std::string& line : before) CHECK(all.count(line) >= 1);
  CHECK(paths(cache, "libc.so.6").front() == "/v/libc.so.6");
  CHECK(made({}, {}, host).size() <= host.size());
}
