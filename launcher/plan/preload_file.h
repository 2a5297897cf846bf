// /etc/ld.so.preload: what ld.so loads into every program that it starts, whatever its environment, set-user-ID ones
// too.
//
// One that we made begins with a comment, which holds the VGPU_ variables for the shims in a process without any:
//
//   #vgpu-run<TAB>VGPU_PRELOAD=/a/x.so:/a/y.so<TAB>VGPU_DEVICE=... /a/x.so /a/y.so
//
// One comment and no more: glibc's ld.so (elf/rtld.c, do_preload) looks for a second one in the wrong place and takes
// the words of it for libraries. shims/propagate/preload_file.h reads the comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vgpu::plan {

struct PreloadFile {
  bool ours = false;
  std::vector<std::string> variables;  // "NAME=VALUE"
  std::vector<std::string> libraries;
};

// Any text, as ld.so takes it apart: at white space and ':', without comments.
PreloadFile read_preload_file(std::string_view text);

// With the comment where `ours`. Libraries and variables hold none of kPreloadFileBreaks, or kPreloadCommentBreaks.
std::string to_text(const PreloadFile& file);

inline constexpr std::string_view kPreloadFileBreaks = ": \t\n#";
inline constexpr std::string_view kPreloadCommentBreaks = "\t\n";

}  // namespace vgpu::plan
