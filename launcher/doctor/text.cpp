#include "launcher/doctor/text.h"

#include <cstdio>
#include <cstring>

#include "launcher/os/elf.h"

namespace vgpu::doctor {
namespace {

std::string about_elf(const os::ElfFile& elf) {
  std::string text = "ELF " + std::to_string(elf.elf_class) + "-bit ";
  text += elf.machine;
  using Type = os::ElfFile::Type;
  text += elf.type == Type::relocatable             ? ", object file"
          : elf.type == Type::executable || elf.pie ? ", program"
          : elf.type == Type::shared                ? ", shared object"
                                                    : ", of another type";
  if (!elf.interpreter.empty()) text.append(", interpreter ").append(elf.interpreter);
  if (!elf.soname.empty()) text.append(", SONAME ").append(elf.soname);
  if (const std::string glibc = os::newest_glibc(elf); !glibc.empty()) text.append(", needs GLIBC_").append(glibc);
  return text;
}

}  // namespace

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    if (end > begin) words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\0";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin));
}

Evidence describe_file(const os::Machine& machine, const std::string& path) {
  const auto status = machine.status(path);
  if (!status) return {.file = path, .value = std::string("stat: ") + std::strerror(status.error().value)};
  using Kind = os::FileStatus::Kind;
  char mode[16];
  std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status->mode));
  std::string text = status->kind == Kind::regular     ? "regular file"
                     : status->kind == Kind::directory ? "directory"
                                                       : "special file";
  text.append(", mode ")
      .append(mode)
      .append(", uid ")
      .append(std::to_string(status->uid))
      .append(", gid ")
      .append(std::to_string(status->gid));
  if (status->kind == Kind::regular) {
    text.append(", ").append(std::to_string(status->size)).append(" bytes");
    if (machine.on_noexec_mount(path)) text += ", mounted noexec";
    if (machine.has_file_capabilities(path)) text += ", file capabilities";
    if (const auto view = machine.view(path)) {
      const auto elf = os::read_elf((*view)->bytes());
      if (elf) {
        text.append("; ").append(about_elf(*elf));
      } else if (!elf.error().not_elf) {
        text.append("; ELF, but ").append(elf.error().what);
      }
    } else {
      text.append("; open: ").append(std::strerror(view.error().value));
    }
  }
  return {.file = path, .value = std::move(text)};
}

std::string variable(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name))
      return entry.substr(name.size() + 1);
  }
  return {};
}

}  // namespace vgpu::doctor
