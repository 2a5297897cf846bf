// What the launcher and the shims must agree on, and nothing else. Freestanding: no libc, no standard library.
//
// The launcher writes these variables; libvgpu-exec carries them into every child; the GPU shims read VGPU_DEVICE,
// VGPU_INIT and VGPU_LOG on first use. Values are plain text, lists are separated by ':' and hold absolute paths.
#pragma once

namespace vgpu::contract {

// The shims in look-up order, as the plan computed it. libvgpu-exec puts exactly these back.
inline constexpr char kPreload[] = "VGPU_PRELOAD";
// Foreign LD_PRELOAD entries that the plan placed in front of the shims (an ASan runtime, say). They are not added
// to a child, but where a child still has them they stay in front. Absent when there are none.
inline constexpr char kPreloadFirst[] = "VGPU_PRELOAD_FIRST";
// Directories that stay at the front of LD_LIBRARY_PATH (the SONAME link directories).
inline constexpr char kLibraryPath[] = "VGPU_LIBRARY_PATH";
// Directories that go behind whatever the child has (profile directories, fallback libraries). Absent when none.
inline constexpr char kLibraryPathLast[] = "VGPU_LIBRARY_PATH_LAST";
// The virtual devices, in the wire format of shims/device/description.h. Unset: the embedded default device.
inline constexpr char kDevice[] = "VGPU_DEVICE";
// A slice of a real GPU: the driver's libraries by absolute path. The second is absent where there is no NVML; both are
// on the emulated device.
inline constexpr char kRealCuda[] = "VGPU_REAL_CUDA";
inline constexpr char kRealNvml[] = "VGPU_REAL_NVML";
// Of a slice: the UUIDs of the GPUs that the launch has, by ','. CUDA_VISIBLE_DEVICES then chooses among them. Absent:
// all.
inline constexpr char kVisible[] = "VGPU_VISIBLE";
// "lazy" (default) or "eager".
inline constexpr char kInit[] = "VGPU_INIT";
// "error" (default), "info" or "debug"; written to stderr, one write(2) a line.
inline constexpr char kLog[] = "VGPU_LOG";
// "inherit", "exec" or "namespace": how far the shims reach.
inline constexpr char kScope[] = "VGPU_SCOPE";
// The session file (shims/session/layout.h), which the first process that initialises a device makes. Absent: every
// process has books of its own.
inline constexpr char kSession[] = "VGPU_SESSION";
// The devices of the launch that named the session, in their order, by UUID or by PCI address, with ',' between.
// Absent: those of VGPU_VISIBLE or VGPU_DEVICE, where that launch has just these.
inline constexpr char kSessionDevices[] = "VGPU_SESSION_DEVICES";
// Limits of the session's devices, "8589934592", "50%", or a list by ','. Absent: what each device has.
inline constexpr char kMemory[] = "VGPU_MEMORY";
// "required" (default): without its session a process gets no device. "best-effort": it gets books of its own.
inline constexpr char kQuota[] = "VGPU_QUOTA";
// Further programs in which libvgpu-syscall looks for a known system call stub, Go programs aside: base names or
// absolute paths, with ':' between.
inline constexpr char kSyscall[] = "VGPU_SYSCALL";
// "off" in a child's environment: start that child as it is.
inline constexpr char kExec[] = "VGPU_EXEC";

// The manifest's rules for children, first match counts, one after another with ';' between: an action ("inject",
// "leave", "hide") and, each behind a ',', "p=GLOB" for the program's path (its base name where the glob has no '/')
// and "a=GLOB" for an argument. Of several p= one must match, and of several a= one. In a GLOB the bytes % , ; and
// those below 0x21 are written %XX. Absent when there are none.
inline constexpr char kChildren[] = "VGPU_CHILDREN";

// Scope "namespace": in this file, which ld.so reads for every program, the first line is this, then each variable of
// above behind a tab. For a process whose environment has none of them. shims/propagate/preload_file.h reads it.
inline constexpr char kPreloadFile[] = "/etc/ld.so.preload";
inline constexpr char kPreloadComment[] = "#vgpu-run";

// The kernel's limit for one string of argv or envp, MAX_ARG_STRLEN (linux/binfmts.h), the terminating 0 included.
inline constexpr unsigned kMaxString = 32 * 4096;

}  // namespace vgpu::contract
