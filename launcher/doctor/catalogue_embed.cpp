// Build tool: vgpu_catalogue_embed DIRECTORY OUTPUT.cpp writes the pages of docs/catalogue as source text. An
// id without a page, or a page without an id, ends the build.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "launcher/doctor/ids.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: vgpu_catalogue_embed DIRECTORY OUTPUT.cpp\n";
    return 2;
  }
  const std::filesystem::path directory = argv[1];
  const auto& ids = vgpu::doctor::ids();
  bool complete = true;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    const std::string name = file.path().stem().string();
    if (file.path().extension() == ".md" && std::find(ids.begin(), ids.end(), name) != ids.end()) continue;
    std::cerr << file.path().string() << ": there is no such failure\n";
    complete = false;
  }
  std::ofstream out(argv[2]);
  out << "// Generated from docs/catalogue.\n#include \"launcher/doctor/catalogue.h\"\n\nnamespace "
         "vgpu::doctor {\n\n"
         "static constexpr Page kPages[] = {\n";
  for (const std::string_view id : ids) {
    const std::filesystem::path path = directory / (std::string(id) + ".md");
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file || text.str().empty()) {
      std::cerr << path.string() << ": the page of " << id << " is missing\n";
      complete = false;
    }
    out << "{\"" << id << "\", R\"page(" << text.str() << ")page\"},\n";
  }
  out << "};\n\nstd::span<const Page> pages() { return kPages; }\n\n}  // namespace vgpu::doctor\n";
  return out.flush() && complete ? 0 : 1;
}
