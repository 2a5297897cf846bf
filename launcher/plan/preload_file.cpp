#include "launcher/plan/preload_file.h"

#include <algorithm>

#include "shims/contract.h"

namespace vgpu::plan {

PreloadFile read_preload_file(std::string_view text) {
  PreloadFile file;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(contract::kPreloadComment)) {
      file.ours = true;
      line.remove_prefix(std::string_view(contract::kPreloadComment).size());
      for (std::size_t at = 0; at < line.size();) {
        const std::size_t tab = std::min(line.find('\t', at), line.size());
        if (tab > at) file.variables.emplace_back(line.substr(at, tab - at));
        at = tab + 1;
      }
      continue;
    }
    line = line.substr(0, line.find('#'));
    for (std::size_t at = 0; at < line.size();) {
      const std::size_t stop = std::min(line.find_first_of(": \t", at), line.size());
      if (stop > at) file.libraries.emplace_back(line.substr(at, stop - at));
      at = stop + 1;
    }
  }
  return file;
}

std::string to_text(const PreloadFile& file) {
  std::string text;
  if (file.ours) {
    text += contract::kPreloadComment;
    for (const std::string& variable : file.variables) text.append(1, '\t').append(variable);
    text += '\n';
  }
  for (const std::string& library : file.libraries) text.append(library).append(1, '\n');
  return text;
}

}  // namespace vgpu::plan
