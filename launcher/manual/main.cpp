// Build tool: writes the manual pages and the completion of our programs.
//   vgpu_manual SHARE VERSION DATE MARKDOWN
//   SHARE     the directory that gets man/, bash-completion/, zsh/ and fish/
//   DATE      of the release, "2026-11-25": the pages do not know when they were built
//   MARKDOWN  docs/manifest.md
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "launcher/manual/pages.h"

namespace {

namespace fs = std::filesystem;
using vgpu::manual::Program;

bool write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) std::fprintf(stderr, "vgpu_manual: cannot write %s\n", file.c_str());
  return static_cast<bool>(out);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const fs::path share = argv[1];
  const vgpu::manual::Release release{argv[2], argv[3]};
  std::ifstream in(argv[4], std::ios::binary);
  const std::string markdown((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (markdown.empty()) {
    std::fprintf(stderr, "vgpu_manual: cannot read %s\n", argv[4]);
    return 1;
  }
  for (const char* folder : {"man", "bash-completion", "zsh", "fish"})
    fs::remove_all(share / folder);  // pages of subcommands that are no more
  const std::vector<Program> programs = {vgpu::manual::vgpu_run(), vgpu::manual::vgpuctl(), vgpu::manual::vgpu_probe()};
  bool good = true;
  const auto page = [&](const Program& program) {
    good = write(share / "man/man1" / (program.name('-') + ".1"), man_page(program, release)) && good;
  };
  for (const Program& program : programs) {
    page(program);
    for (const Program& sub : program.subcommands) page(sub);
    good = write(share / "fish/vendor_completions.d" / (program.words.front() + ".fish"), fish_completion(program)) &&
           good;
  }
  good =
      write(share / "man/man5/vgpu-run-manifest.5", man_page_of_markdown(markdown, "vgpu-run-manifest", 5, release)) &&
      good;
  const fs::path bash = share / "bash-completion/completions";
  good = write(bash / programs.front().words.front(), bash_completion(programs)) && good;
  for (std::size_t i = 1; i < programs.size(); ++i)
    fs::create_symlink(programs.front().words.front(), bash / programs[i].words.front());
  good = write(share / "zsh/site-functions" / ("_" + programs.front().words.front()), zsh_completion(programs)) && good;
  return good ? 0 : 1;
}
