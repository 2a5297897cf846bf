#include "launcher/os/memory_machine.h"

#include <algorithm>
#include <cerrno>

namespace vgpu::os {
namespace {

constexpr int kMaxLinks = 40;  // path_resolution(7)

class StringView final : public FileView {
 public:
  explicit StringView(std::string text) : text_(std::move(text)) {}
  std::span<const unsigned char> bytes() const override {
    return {reinterpret_cast<const unsigned char*>(text_.data()), text_.size()};
  }

 private:
  std::string text_;
};

class PieceSpace final : public AddressSpace {
 public:
  explicit PieceSpace(const std::map<std::uint64_t, std::string>& pieces) : pieces_(pieces) {}
  bool read(std::uint64_t address, std::span<unsigned char> to) const override {
    auto piece = pieces_.upper_bound(address);
    if (piece == pieces_.begin()) return false;
    --piece;
    const std::uint64_t at = address - piece->first;
    if (at > piece->second.size() || to.size() > piece->second.size() - at) return false;
    std::copy_n(piece->second.begin() + static_cast<std::ptrdiff_t>(at), to.size(), to.begin());
    return true;
  }

 private:
  std::map<std::uint64_t, std::string> pieces_;
};

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end != begin) parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace

MemoryMachine::MemoryMachine() { files_["/"] = File{{}, 0755, 0, 0, FileStatus::Kind::directory}; }

void MemoryMachine::make_parents(const std::string& path) {
  for (std::string directory = parent(path); !files_.contains(directory) && !links_.contains(directory);
       directory = parent(directory)) {
    File& made = files_[directory];
    made.kind = FileStatus::Kind::directory;
    made.mode = 0755;
    made.inode = next_inode_++;
  }
}

MemoryMachine::File& MemoryMachine::add(const std::string& path, std::string content, std::uint32_t mode) {
  make_parents(path);
  File& file = files_[path];
  file = File{};
  file.content = std::move(content);
  file.mode = mode;
  file.inode = next_inode_++;
  return file;
}

MemoryMachine::File& MemoryMachine::add_directory(const std::string& path, std::uint32_t mode) {
  File& file = add(path, {}, mode);
  file.kind = FileStatus::Kind::directory;
  return file;
}

void MemoryMachine::add_link(const std::string& path, const std::string& target) {
  make_parents(path);
  links_[path] = target;
}

void MemoryMachine::mount(const std::string& directory, MountFlags flags) { mounts_[directory] = flags; }

void MemoryMachine::remove(const std::string& path) {
  files_.erase(path);
  links_.erase(path);
}

void MemoryMachine::note(const char* method, const std::string& path) const {
  questions_.push_back(std::string(method) + " " + path);
}

Result<MemoryMachine::Found> MemoryMachine::find(const std::string& path, const char* call) const {
  const auto failure = [&](int value) { return Errno{value, std::string(call) + " " + path}; };
  if (path.empty()) return failure(ENOENT);
  std::vector<std::string> todo = split(path.front() == '/' ? path : working_directory_ + "/" + path);
  std::vector<std::string> done;
  int links = 0;
  const auto joined = [&] {
    std::string text;
    for (const std::string& part : done) text += "/" + part;
    return text.empty() ? std::string("/") : text;
  };
  while (!todo.empty()) {
    const std::string part = todo.front();
    todo.erase(todo.begin());
    if (part == ".") continue;
    if (part == "..") {
      if (!done.empty()) done.pop_back();
      continue;
    }
    const auto directory = files_.find(joined());
    if (directory->second.kind != FileStatus::Kind::directory) return failure(ENOTDIR);
    if (!allowed(directory->second, 1)) return failure(EACCES);
    done.push_back(part);
    const std::string here = joined();
    if (const auto link = links_.find(here); link != links_.end()) {
      if (++links > kMaxLinks) return failure(ELOOP);
      std::vector<std::string> target = split(link->second);
      if (!link->second.empty() && link->second.front() == '/') {
        done.clear();
      } else {
        done.pop_back();
      }
      todo.insert(todo.begin(), target.begin(), target.end());
      continue;
    }
    if (!files_.contains(here)) return failure(ENOENT);
  }
  const std::string where = joined();
  const File& file = files_.at(where);
  if (path.back() == '/' && file.kind != FileStatus::Kind::directory) return failure(ENOTDIR);
  return Found{where, &file};
}

// `bit`: 4 read, 2 write, 1 execute or search. Root may everything but execute what nobody may
// (capabilities(7)).
bool MemoryMachine::allowed(const File& file, unsigned bit) const {
  if (credentials_.euid == 0) {
    return bit != 1 || file.kind == FileStatus::Kind::directory || (file.mode & 0111) != 0;
  }
  unsigned shift = 0;
  if (credentials_.euid == file.uid) {
    shift = 6;
  } else if (in_group(file.gid)) {
    shift = 3;
  }
  return (file.mode >> shift & bit) != 0;
}

Result<FileStatus> MemoryMachine::status(const std::string& path) const {
  note("status", path);
  const auto found = find(path, "statx");
  if (found.has_error()) return found.error();
  const File& file = *found->file;
  FileStatus status;
  status.kind = file.kind;
  status.mode = file.mode;
  status.uid = file.uid;
  status.gid = file.gid;
  status.size = file.content.size();
  status.device = 1;
  status.inode = file.inode;
  status.mtime = file.mtime;
  status.mtime_nanoseconds = file.mtime_nanoseconds;
  return status;
}

Result<std::string> MemoryMachine::read(const std::string& path, std::size_t limit) const {
  note("read", path);
  const auto found = find(path, "open");
  if (found.has_error()) return found.error();
  if (!allowed(*found->file, 4)) return Errno{EACCES, "open " + path};
  if (found->file->kind == FileStatus::Kind::directory) return Errno{EISDIR, "read " + path};
  if (found->file->content.size() > limit) return Errno{EFBIG, "read " + path};
  return found->file->content;
}

Result<std::unique_ptr<FileView>> MemoryMachine::view(const std::string& path) const {
  note("view", path);
  const auto found = find(path, "open");
  if (found.has_error()) return found.error();
  if (!allowed(*found->file, 4)) return Errno{EACCES, "open " + path};
  if (found->file->kind == FileStatus::Kind::directory) return Errno{EISDIR, "open " + path};
  if (found->file->kind != FileStatus::Kind::regular) return Errno{EACCES, "open " + path};
  return std::unique_ptr<FileView>(std::make_unique<StringView>(found->file->content));
}

Result<std::vector<std::string>> MemoryMachine::list(const std::string& directory) const {
  note("list", directory);
  const auto found = find(directory, "opendir");
  if (found.has_error()) return found.error();
  if (found->file->kind != FileStatus::Kind::directory) return Errno{ENOTDIR, "opendir " + directory};
  if (!allowed(*found->file, 4)) return Errno{EACCES, "opendir " + directory};
  std::vector<std::string> names;
  const auto collect = [&](const std::string& path) {
    if (path != "/" && parent(path) == found->path) names.push_back(path.substr(path.rfind('/') + 1));
  };
  for (const auto& [path, file] : files_) collect(path);
  for (const auto& [path, target] : links_) collect(path);
  return names;
}

Result<std::string> MemoryMachine::link_target(const std::string& path) const {
  note("link_target", path);
  if (const auto link = links_.find(path); link != links_.end()) return link->second;
  const auto found = find(path, "readlink");
  if (found.has_error()) return found.error();
  return Errno{EINVAL, "readlink " + path};
}

Result<std::string> MemoryMachine::real_path(const std::string& path) const {
  note("real_path", path);
  const auto found = find(path, "realpath");
  if (found.has_error()) return found.error();
  return found->path;
}

bool MemoryMachine::readable(const std::string& path) const {
  note("readable", path);
  const auto found = find(path, "faccessat");
  return found.has_value() && allowed(*found->file, 4);
}

bool MemoryMachine::executable(const std::string& path) const {
  note("executable", path);
  const auto found = find(path, "faccessat");
  return found.has_value() && allowed(*found->file, 1);
}

MountFlags MemoryMachine::mount_flags(const std::string& path) const {
  note("mount_flags", path);
  const auto found = find(path, "statfs");
  if (found.has_error()) return {};
  for (std::string directory = found->path;; directory = parent(directory)) {
    if (const auto mount = mounts_.find(directory); mount != mounts_.end()) return mount->second;
    if (directory == "/") return {};
  }
}

bool MemoryMachine::has_file_capabilities(const std::string& path) const {
  note("has_file_capabilities", path);
  const auto found = find(path, "getxattr");
  return found.has_value() && found->file->capabilities;
}

Result<std::unique_ptr<AddressSpace>> MemoryMachine::memory(int pid) const {
  note("memory", std::to_string(pid));
  const auto found = memory_.find(pid);
  if (found == memory_.end()) return Errno{EACCES, "open /proc/" + std::to_string(pid) + "/mem"};
  return std::unique_ptr<AddressSpace>(std::make_unique<PieceSpace>(found->second));
}

bool MemoryMachine::in_group(std::uint32_t gid) const { return gid == credentials_.egid || groups_.contains(gid); }

}  // namespace vgpu::os
