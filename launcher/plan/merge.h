// Several manifest files into one, and the checks that only the whole allows.
#pragma once

#include <functional>

#include "launcher/plan/json_document.h"
#include "launcher/plan/manifest.h"

namespace vgpu::plan {

// `later` on top of `base`. A shim or profile of a name that `base` has replaces it whole, at its place in file order;
// others are appended. A profile that extends its own name builds upon the one that it replaces.
void merge(Manifest& base, Manifest later);

// The text of a manifest file once more, for the line and the caret of a message. Called only when there is a message;
// an empty function, or an error, gives messages without an excerpt.
using Source = std::function<Result<JsonDocument>(const std::string& file)>;

// After the last file: takes out what is disabled, puts shims into the profiles that they ask to join, checks every
// name, resolves "extends". Errors: Code::unknown_shim and Code::unknown_profile for a name that nothing defines,
// Code::requirement_unmet for a requirement that nothing can satisfy, Code::manifest_conflict for profiles that extend
// each other. Warnings, which go into `warnings`: a constraint against a name that is neither a shim, a role, nor
// possibly a foreign library.
Result<void> complete(Manifest& manifest, Problems& warnings, const Source& source = {});

}  // namespace vgpu::plan
