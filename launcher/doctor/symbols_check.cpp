// Symbols that a preloaded library wants and that nothing brings.
#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "launcher/doctor/examination.h"
#include "launcher/doctor/text.h"

namespace vgpu::doctor {

void check_symbols(const Subject& subject, const LinkClosure& closure, Findings& findings) {
  // What is not found could have defined them, and is reported by its own name.
  if (closure.objects.empty() || !closure.missing.empty() || !closure.complete) return;
  std::unordered_set<std::string_view> defined;
  for (const LinkedObject& object : closure.objects) {
    for (const os::DynamicSymbol& symbol : os::dynamic_symbols(object.view->bytes())) {
      if (symbol.defined) defined.insert(symbol.name);
    }
  }
  const bool all_at_once = !variable(subject.plan.envp, "LD_BIND_NOW").empty();
  for (const LinkedObject& object : closure.objects) {
    if (object.route != Route::preload && object.route != Route::preload_file) continue;
    const bool now = object.elf.bind_now || all_at_once;
    std::vector<os::UndefinedSymbol> symbols = os::undefined_symbols(object.view->bytes());
    std::erase_if(symbols, [&](const os::UndefinedSymbol& one) { return defined.contains(one.name); });
    if (symbols.empty()) continue;
    std::stable_sort(symbols.begin(), symbols.end(),
                     [](const auto& a, const auto& b) { return a.at_load > b.at_load; });
    const bool dies = now || symbols.front().at_load;
    const std::string& first = symbols.front().name;
    Finding finding{.id = std::string(name(Failure::symbol_undefined)),
                    .severity = dies ? Severity::error : Severity::warning,
                    .where = object.path,
                    .cause = "nothing that is loaded defines " + first +
                             (symbols.size() > 1 ? " and " + std::to_string(symbols.size() - 1) + " more" : "") +
                             (dies ? ": the program dies before its first instruction, with status 127"
                                   : ": the program dies when it is first called"),
                    .fix = "link the library against what defines it, or take it out of the list"};
    finding.evidence.push_back(
        {.file = object.path, .value = "undefined symbol " + first + (object.elf.bind_now ? ", BIND_NOW" : "")});
    if (!object.elf.bind_now && all_at_once)
      finding.evidence.push_back(
          {.file = "environment", .value = "LD_BIND_NOW=" + variable(subject.plan.envp, "LD_BIND_NOW")});
    findings.push_back(std::move(finding));
  }
}

}  // namespace vgpu::doctor
