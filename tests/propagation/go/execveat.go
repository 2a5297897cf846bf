package main

import (
	"os"
	"syscall"
	"unsafe"
)

const sysExecveat = 322

func execveat(child []string) {
	file, err := os.Open(child[0])
	check(err)
	empty, argv, envp := []byte{0}, pointers(child), pointers(clean)
	_, _, e := syscall.RawSyscall6(sysExecveat, file.Fd(), uintptr(unsafe.Pointer(&empty[0])), uintptr(unsafe.Pointer(&argv[0])),
		uintptr(unsafe.Pointer(&envp[0])), 0x1000 /* AT_EMPTY_PATH */, 0)
	check(e)
}
