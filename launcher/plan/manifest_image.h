// The default manifest as the build read it, so that a launch need not read it again.
//
// Parsing share/vgpu-run/manifest.json took two thirds of the instructions of a launch. So the build reads it with the
// same reader, writes the Manifest down as bytes and links these into vgpu-run together with the file's text. A launch
// still reads the file; where the text is byte for byte the one that the build read, the bytes become the Manifest.
// Anything else is parsed: what a user edits counts at once, and there is nothing to invalidate.
//
// Paths in the image are kept apart from the root of the tree that vgpu-run stands in ("/opt/x" of
// "/opt/x/bin/vgpu-run"), which is put in front of them when they are read: the tree can be moved.
#pragma once

#include <string>
#include <string_view>

#include "launcher/plan/manifest.h"

namespace vgpu::plan {

struct SealedManifest {
  std::string_view text;   // empty: none
  std::string_view image;  // manifest_image() of it as it was read: what drop-in files are merged into
  std::string_view whole;  // manifest_image() of it as complete() (merge.h) leaves it: where there are no others
};

// Where the default manifest stands in its tree.
inline constexpr std::string_view kDefaultManifest = "/share/vgpu-run/manifest.json";

// `manifest` as read_manifest gives it for `root` + kDefaultManifest.
std::string manifest_image(const Manifest& manifest, std::string_view root);

// The inverse, for another root. `image` is one that manifest_image made: it is not checked.
Manifest manifest_from_image(std::string_view image, std::string_view root);

// The one of this build (generated, target vgpu_seal). Linked into vgpu-run only.
SealedManifest own_manifest();

}  // namespace vgpu::plan
