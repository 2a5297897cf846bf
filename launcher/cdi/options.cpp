#include "launcher/cdi/options.h"

#include <nlohmann/json.hpp>

#include "launcher/plan/joined.h"
#include "launcher/run/options.h"

namespace vgpu::cdi {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kImagePreload[] = "--image-preload";
constexpr char kImageLibraryPath[] = "--image-library-path";

}  // namespace

std::string to_text(const Options& options) {
  Json words = options.launch;
  if (options.image_preload) words.insert(words.end(), {kImagePreload, *options.image_preload});
  if (options.image_library_path) words.insert(words.end(), {kImageLibraryPath, *options.image_library_path});
  return words.empty() ? "[]" : words.dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::optional<Options> parse_options(std::string_view text) {
  const Json words = Json::parse(text, nullptr, false);
  if (!words.is_array()) return std::nullopt;
  Options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].is_string()) return std::nullopt;
    std::string word = words[i].get<std::string>();
    const bool image = word == kImagePreload || word == kImageLibraryPath;
    if (!image) {
      options.launch.push_back(std::move(word));
      continue;
    }
    if (++i == words.size() || !words[i].is_string()) return std::nullopt;
    (word == kImagePreload ? options.image_preload : options.image_library_path) = words[i].get<std::string>();
  }
  return options;
}

plan::Result<plan::Request> request_of(const Options& options) {
  std::vector<std::string> words = options.launch;
  words.insert(words.begin(), "vgpuctl");
  words.push_back("--dry-run");
  const plan::Result<run::CommandLine> line = run::parse_command_line(words, {}, true);
  if (!line) return line.error();
  return line->request;
}

std::vector<std::string> twins_of(const plan::Request& request) {
  std::vector<std::string> variables;
  const auto add = [&](const char* option, const std::string& value) {
    if (value.empty()) return;
    for (const run::Option& one : run::options()) {
      if (std::string_view(one.name) == option)
        variables.push_back(std::string(one.variable).append("=").append(value));
    }
  };
  add("--manifest", request.manifest);
  add("--profile", request.profile);
  add("--with", plan::joined(request.with, ","));
  add("--without", plan::joined(request.without, ","));
  add("--memory", request.memory);
  add("--new-session", request.new_session ? "1" : "");
  add("--quota", request.quota);
  std::vector<std::string> set;
  for (const auto& [name, value] : request.set) set.push_back(std::string(name).append("=").append(value));
  add("--set", plan::joined(set, "\n"));
  add("--scope", request.scope);
  return variables;
}

}  // namespace vgpu::cdi
