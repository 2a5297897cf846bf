// /etc/ld.so.preload as ld.so reads it, and as we write it.
#include "launcher/plan/preload_file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "shims/propagate/preload_file.h"

using namespace vgpu::plan;
using Strings = std::vector<std::string>;

namespace {

// What the shims find in a file of that text.
Strings as_the_shims_read(const std::string& text) {
  const std::string path = std::filesystem::temp_directory_path() / ("vgpu-preload-" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary) << text;
  const auto file = vgpu::propagate::read_preload_file(path.c_str());
  std::filesystem::remove(path);
  Strings variables;
  for (char* const* variable = file.variables; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

}  // namespace

TEST_CASE("somebody else's file: white space, colons, comments") {
  const PreloadFile file = read_preload_file("/a.so:/b.so  /c.so\t/d.so # /no.so\n#/neither.so\n\n/e.so#x\n/last.so");
  CHECK_FALSE(file.ours);
  CHECK(file.variables.empty());
  CHECK(file.libraries == Strings{"/a.so", "/b.so", "/c.so", "/d.so", "/e.so", "/last.so"});
  CHECK(read_preload_file("").libraries.empty());
  CHECK(read_preload_file("# nothing").libraries.empty());
}

TEST_CASE("ours comes back as it was written") {
  PreloadFile file;
  file.ours = true;
  file.variables = {"VGPU_DEVICE=name=NVIDIA H100 #2;x=1|", "VGPU_PRELOAD=/a.so:/b.so"};
  file.libraries = {"/a.so", "/b.so"};
  const std::string text = to_text(file);
  CHECK(text == "#vgpu-run\tVGPU_DEVICE=name=NVIDIA H100 #2;x=1|\tVGPU_PRELOAD=/a.so:/b.so\n/a.so\n/b.so\n");
  const PreloadFile again = read_preload_file(text);
  CHECK(again.ours);
  CHECK(again.variables == file.variables);
  CHECK(again.libraries == file.libraries);
}

TEST_CASE("one comment, whatever the host's file had: ld.so misreads a second one") {
  PreloadFile file = read_preload_file("# one\n/a.so\n# two\n/b.so\n");
  file.ours = true;
  const std::string text = to_text(file);
  CHECK(text.find('#') == 0);
  CHECK(text.find('#', 1) == std::string::npos);
}

TEST_CASE("the shims read back what was written, and nothing from a file that is not ours") {
  PreloadFile file;
  file.ours = true;
  file.variables = {"VGPU_DEVICE=name=NVIDIA H100 #2;x=1|", "VGPU_EMPTY=", "VGPU_PRELOAD=/a.so:/b.so"};
  file.libraries = {"/a.so", "/b.so"};
  CHECK(as_the_shims_read(to_text(file)) == file.variables);
  for (int i = 0; i < 40; ++i) file.variables.push_back("VGPU_" + std::to_string(i) + "=" + std::string(5000, 'x'));
  const Strings read = as_the_shims_read(to_text(file));
  CHECK(read.size() == vgpu::propagate::PreloadFile::kMost);
  CHECK(std::equal(read.begin(), read.end(), file.variables.begin()));
  for (const char* other :
       {"", "/a.so\n", "# VGPU_PRELOAD=/a.so\n", "/a.so\n#vgpu-run\tVGPU_PRELOAD=/a.so\n", "#vgpu-run\tcut off"}) {
    CHECK(as_the_shims_read(other).empty());
  }
  errno = 7;
  const auto missing = vgpu::propagate::read_preload_file("/no/such/file");
  CHECK(missing.variables[0] == nullptr);
  CHECK(errno == 7);
  CHECK(vgpu::propagate::value_in(missing.variables, "VGPU_DEVICE") == nullptr);
  char first[] = "VGPU_DEVICES=no", second[] = "VGPU_DEVICE=yes";
  char* const variables[] = {first, second, nullptr};
  CHECK(std::string(vgpu::propagate::value_in(variables, "VGPU_DEVICE")) == "yes");
}
