// Build tool: vgpu_device_embed DEVICE.json OUTPUT.h writes the header that holds the default device's wire text.
#include <fstream>
#include <iostream>
#include <sstream>

#include "launcher/plan/device_reader.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: vgpu_device_embed DEVICE.json OUTPUT.h\n";
    return 2;
  }
  const std::string path = argv[1];
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  std::string id = path.substr(path.find_last_of('/') + 1);
  id.resize(id.size() - std::string(".json").size());
  const auto kind = vgpu::plan::read_device(text.str(), path, id);
  if (!kind) {
    for (const vgpu::plan::Problem& problem : kind.error()) {
      std::cerr << problem.where << ": " << problem.cause << "; " << problem.fix << '\n';
    }
    return 1;
  }
  std::ofstream out(argv[2]);
  out << "// Generated from config/devices/" << id << ".json.\n#pragma once\n\nnamespace vgpu::device {\n\n"
      << "inline constexpr char kDefaultId[] = \"" << id << "\";\n"
      << "inline constexpr char kDefaultWire[] =\n    R\"wire(" << vgpu::plan::device_wire({&*kind})
      << ")wire\";\n\n}  // namespace vgpu::device\n";
  return out.flush() ? 0 : 1;
}
