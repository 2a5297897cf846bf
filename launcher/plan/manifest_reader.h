// One manifest file: text to values, with everything that is wrong with it. What spans several files (unknown names,
// overriding, "extends") is merge.h. The format is described in docs/manifest.md and config/schema/manifest-1.json.
#pragma once

#include <string>
#include <string_view>

#include "launcher/plan/manifest.h"
#include "launcher/plan/manifest_fields.h"

namespace vgpu::plan {

// At most this many problems of one file are reported.
inline constexpr std::size_t kMostProblems = 20;

// `path` is the file's absolute path: relative paths in it are meant from its directory. Pure; an empty text is an
// error here (discover.h knows what an empty file means). The errors are Code::manifest_*, all of the file at once.
Result<Manifest> read_manifest(std::string_view text, const std::string& path);

}  // namespace vgpu::plan
