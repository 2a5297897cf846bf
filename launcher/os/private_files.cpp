#include "launcher/os/private_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <string>
#include <vector>

#include "launcher/os/descriptor.h"

// Since Linux 5.2, and in glibc 2.36 by these names.
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

namespace vgpu::os {
namespace {

constexpr char kEtc[] = "/etc";
constexpr char kSource[] = "vgpu-run";  // what /proc/self/mounts calls our file systems

NamespaceFailure failure(NamespaceStep step, std::string call) { return {step, Errno{errno, std::move(call)}}; }

// Whether the name is there; a link that leads nowhere is, and nothing can be put over it.
bool has(int directory, const std::string& name) {
  struct stat status;
  return ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

std::string name_in_etc(const PrivateFile& file) { return file.path.substr(sizeof kEtc); }

bool write_all(int fd, std::string_view text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    done += static_cast<std::size_t>(written);
  }
  return true;
}

class Cover {
 public:
  explicit Cover(std::span<const PrivateFile> files) : files_(files) {}

  std::optional<NamespaceFailure> run() {
    remember_directory();
    etc_ = OwnedDescriptor(::open(kEtc, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!etc_ || ::fstat(etc_.get(), &etc_status_) != 0) return failure(NamespaceStep::contents, "open /etc");
    for (const PrivateFile& file : files_) there_.push_back(has(etc_.get(), name_in_etc(file)));
    if (auto failed = hold_contents()) return failed;
    if (std::find(there_.begin(), there_.end(), false) == there_.end()) {
      if (auto failed = take_down()) return failed;
    } else if (make_overlay()) {
      if (auto failed = take_down()) return failed;
      if (!attach(overlay_, kEtc)) return failure(NamespaceStep::cover_etc, "move_mount /etc");
      if (auto failed = bring_back(false)) return failed;
    } else {
      if (auto failed = take_down()) return failed;
      if (auto failed = make_mirror()) return failed;
    }
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (overlay_ && !there_[i]) continue;  // the overlay shows it
      if (!attach(clones_[i], files_[i].path))
        return failure(NamespaceStep::cover_file, "move_mount " + files_[i].path);
    }
    go_back();
    return std::nullopt;
  }

 private:
  // Who stands in /etc would go on to see what is covered.
  void remember_directory() {
    char buffer[PATH_MAX];
    if (::getcwd(buffer, sizeof buffer) == nullptr) return;
    const std::string_view here = buffer;
    if (here == kEtc || here.starts_with("/etc/")) directory_ = here;
  }
  void go_back() const {
    if (!directory_.empty() && ::chdir(directory_.c_str()) != 0)
      return;  // not searchable any more: where we stand will do
  }

  // A tmpfs over /etc for this moment: a clone can only be made of what is mounted.
  std::optional<NamespaceFailure> hold_contents() {
    const auto failed = [](const char* call) { return failure(NamespaceStep::contents, call); };
    if (::mount(kSource, kEtc, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755") != 0)
      return failed("mount tmpfs");
    contents_ = OwnedDescriptor(::open(kEtc, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!contents_) return failed("open tmpfs");
    for (const PrivateFile& file : files_) {
      const OwnedDescriptor to(
          ::openat(contents_.get(), name_in_etc(file).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
      if (!to || !write_all(to.get(), file.text) || ::fchmod(to.get(), 0444) != 0) return failed("write tmpfs");
    }
    if (::mount(nullptr, kEtc, nullptr, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
      return failed("mount MS_RDONLY");
    }
    for (const PrivateFile& file : files_) {
      clones_.push_back(clone(contents_.get(), name_in_etc(file)));
      if (!clones_.back()) return failed("open_tree");
    }
    return std::nullopt;
  }

  std::optional<NamespaceFailure> take_down() {
    if (::umount2(kEtc, MNT_DETACH) != 0) return failure(NamespaceStep::contents, "umount tmpfs");
    return std::nullopt;
  }

  static OwnedDescriptor clone(int directory, const std::string& name) {
    return OwnedDescriptor(
        ::open_tree(directory, name.c_str(),
                    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT));
  }

  static bool attach(const OwnedDescriptor& tree, const std::string& path) {
    return ::move_mount(tree.get(), "", AT_FDCWD, path.c_str(), MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS) == 0;
  }

  // The true /etc in front: it decides owner, mode and whatever is in both; what only ours has shows through.
  bool make_overlay() {
    const std::string layers =
        "/proc/self/fd/" + std::to_string(etc_.get()) + ":/proc/self/fd/" + std::to_string(contents_.get());
    const OwnedDescriptor context(::fsopen("overlay", FSOPEN_CLOEXEC));
    if (!context || ::fsconfig(context.get(), FSCONFIG_SET_STRING, "source", kSource, 0) != 0 ||
        ::fsconfig(context.get(), FSCONFIG_SET_STRING, "lowerdir", layers.c_str(), 0) != 0 ||
        ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
      return false;
    }
    overlay_ = OwnedDescriptor(::fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV));
    return static_cast<bool>(overlay_);
  }

  std::optional<NamespaceFailure> make_mirror() {
    const auto failed = [](std::string call) { return failure(NamespaceStep::cover_etc, std::move(call)); };
    if (::mount(kSource, kEtc, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") != 0) return failed("mount tmpfs /etc");
    const OwnedDescriptor mirror(::open(kEtc, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!mirror) return failed("open /etc");
    // An owner that is not mapped here cannot be given: /etc is then ours, and not writable all the same.
    if (::fchown(mirror.get(), etc_status_.st_uid, etc_status_.st_gid) != 0 && errno != EINVAL && errno != EPERM)
      return failed("chown /etc");
    for (const PrivateFile& file : files_) {
      const OwnedDescriptor made(
          ::openat(mirror.get(), name_in_etc(file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0444));
      if (!made) return failed("create " + file.path);
    }
    if (auto not_back = bring_back(true)) return not_back;
    if (::fchmod(mirror.get(), etc_status_.st_mode & 07777) != 0) return failed("chmod /etc");
    if (::mount(nullptr, kEtc, nullptr, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) != 0)
      return failed("mount MS_RDONLY /etc");
    return std::nullopt;
  }

  // What of the true /etc stands there as a mount: directories and what was a mount before, or (`all`) everything,
  // whose name is then made first.
  std::optional<NamespaceFailure> bring_back(bool all) {
    const int list = ::openat(etc_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(list < 0 ? nullptr : ::fdopendir(list), &::closedir);
    if (stream == nullptr) return failure(NamespaceStep::cover_etc, "list /etc");
    while (const dirent* entry = ::readdir(stream.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == ".." || is_ours(name)) continue;
      struct statx status;
      if (::statx(etc_.get(), name.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &status) != 0)
        continue;  // gone by now
      const std::string path = std::string(kEtc) + "/" + name;
      if (all && !make_name(name, path, status.stx_mode)) return failure(NamespaceStep::cover_etc, "create " + path);
      const bool is_mount = (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
      if (S_ISLNK(status.stx_mode) || !(all || is_mount || S_ISDIR(status.stx_mode))) continue;
      const OwnedDescriptor tree = clone(etc_.get(), name);
      if (!tree && errno == ENOENT) continue;
      if (!tree) return failure(NamespaceStep::cover_etc, "open_tree " + path);
      if (!attach(tree, path)) return failure(NamespaceStep::cover_etc, "move_mount " + path);
    }
    return std::nullopt;
  }

  bool make_name(const std::string& name, const std::string& path, unsigned mode) const {
    if (S_ISDIR(mode)) return ::mkdir(path.c_str(), 0755) == 0;
    if (S_ISLNK(mode)) {
      char target[PATH_MAX];
      const ssize_t length = ::readlinkat(etc_.get(), name.c_str(), target, sizeof target - 1);
      if (length < 0) return false;
      target[length] = '\0';
      return ::symlink(target, path.c_str()) == 0;
    }
    const OwnedDescriptor made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
    return static_cast<bool>(made);
  }

  bool is_ours(const std::string& name) const {
    for (const PrivateFile& file : files_) {
      if (name_in_etc(file) == name) return true;
    }
    return false;
  }

  std::span<const PrivateFile> files_;
  std::string directory_;  // the working directory, when in /etc
  OwnedDescriptor etc_;
  struct stat etc_status_ {};
  OwnedDescriptor contents_;
  OwnedDescriptor overlay_;
  std::vector<OwnedDescriptor> clones_;  // by file
  std::vector<bool> there_;              // by file: the true /etc has that name
};

}  // namespace

std::optional<NamespaceFailure> cover_files(std::span<const PrivateFile> files) { return Cover(files).run(); }

}  // namespace vgpu::os
