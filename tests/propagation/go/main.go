// A Go program that starts children in every way that Go has, with an environment from which the shims are gone. The
// tests give it a child that says what it got.
//
// usage: spawn HOW CHILD [ARG...]
package main

import "C" // cgo: a program without it is static and loads no preload

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

var clean = []string{"ONE=1", "without an equals sign", "TWO=\xff\xfe"}

var ways = map[string]func(child []string){
	"command":  command,
	"start":    start,
	"exec":     replace,
	"thread":   replaceFromThread,
	"execveat": execveat,
	"setsid":   setsid,
	"large":    large,
	"nothing":  nothing,
	"failures": failures,
	"storm":    storm,
	"mixed":    mixed,
	"killed":   killed,
	"raw":      raw,
	"maps":     maps,
	"time":     measure,
}

func main() {
	if len(os.Args) < 3 || ways[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: spawn HOW CHILD [ARG...]")
		os.Exit(2)
	}
	ways[os.Args[1]](os.Args[2:])
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(c *exec.Cmd) {
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	check(c.Run())
}

func command(child []string) {
	c := exec.Command(child[0], child[1:]...)
	c.Env = clean
	run(c)
}

func start(child []string) {
	p, err := os.StartProcess(child[0], child, &os.ProcAttr{Env: clean, Files: []*os.File{nil, os.Stdout, os.Stderr}})
	check(err)
	state, err := p.Wait()
	check(err)
	os.Exit(state.ExitCode())
}

func replace(child []string) { check(syscall.Exec(child[0], child, clean)) }

// Not the main thread, and with others at work.
func replaceFromThread(child []string) {
	for i := 0; i < 8; i++ {
		go func() {
			for {
				syscall.Getppid()
			}
		}()
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		done <- syscall.Exec(child[0], child, clean)
	}()
	check(<-done)
}

func pointers(list []string) []*byte {
	p, err := syscall.SlicePtrFromStrings(list)
	check(err)
	return p
}

func setsid(child []string) {
	c := exec.Command(child[0], child[1:]...)
	c.Env = clean
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	run(c)
}

func large(child []string) {
	c := exec.Command(child[0], child[1:]...)
	c.Env = append([]string{}, clean...)
	for i := 0; i < 20000; i++ {
		c.Env = append(c.Env, fmt.Sprintf("VARIABLE_%d=%d", i, i))
	}
	run(c)
}

func nothing(child []string) {
	c := exec.Command(child[0], child[1:]...)
	c.Env = []string{}
	c.Dir = "/"
	run(c)
}

// The kernel's errors reach the caller, and stacks come back: more failures than there are stacks.
func failures([]string) {
	for i := 0; i < 1000; i++ {
		for _, c := range []struct {
			path  string
			wants syscall.Errno
		}{{"/nonexistent", syscall.ENOENT}, {"/etc/passwd", syscall.EACCES}, {"/etc/passwd/x", syscall.ENOTDIR}, {"/", syscall.EACCES}} {
			_, err := os.StartProcess(c.path, []string{"x"}, &os.ProcAttr{Env: clean})
			if e, ok := err.(*os.PathError); !ok || e.Err != c.wants {
				fmt.Printf("%s: %v instead of %v\n", c.path, err, c.wants)
				os.Exit(1)
			}
			if err := syscall.Exec(c.path, []string{"x"}, clean); err != c.wants {
				fmt.Printf("exec %s: %v instead of %v\n", c.path, err, c.wants)
				os.Exit(1)
			}
		}
	}
	fmt.Println("all failures as they should be")
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	check(err)
	return n
}

// storm CHILD TOTAL GOROUTINES: the child's exit status says whether it has the shims.
func storm(arguments []string) {
	child, total, goroutines := arguments[0], int64(number(arguments[1])), number(arguments[2])
	var started, good int64
	var group sync.WaitGroup
	for i := 0; i < goroutines; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for atomic.AddInt64(&started, 1) <= total {
				c := exec.Command(child)
				c.Env = clean
				if err := c.Run(); err == nil {
					atomic.AddInt64(&good, 1)
				} else {
					fmt.Println(err)
				}
			}
		}()
	}
	group.Wait()
	fmt.Printf("%d of %d\n", good, total)
	if good != total {
		os.Exit(1)
	}
}

// mixed CHILD TOTAL: spawns that work and that fail at once, garbage collection, signals and threads that come and go.
func mixed(arguments []string) {
	child, total := arguments[0], number(arguments[1])
	signals := make(chan os.Signal, 100)
	signal.Notify(signals, syscall.SIGUSR1)
	stop := make(chan bool)
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				syscall.Kill(os.Getpid(), syscall.SIGUSR1)
				runtime.GC()
				time.Sleep(time.Millisecond)
			}
		}
	}()
	var bad int64
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			for n := 0; n < total/8; n++ {
				ended := make(chan bool)
				go func() {
					defer close(ended)
					runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
					c := exec.Command(child)
					if (n+i)%3 == 0 {
						c.Path = "/nonexistent"
					}
					c.Env = clean
					err := c.Run()
					if (err == nil) != (c.Path == child) {
						fmt.Println(c.Path, err)
						atomic.AddInt64(&bad, 1)
					}
				}()
				<-ended
			}
		}(i)
	}
	group.Wait()
	close(stop)
	fmt.Printf("%d wrong\n", bad)
	if bad != 0 {
		os.Exit(1)
	}
}

// killed CHILD: children that are killed as soon as they exist, then some that must have the shims.
func killed(arguments []string) {
	for i := 0; i < 300; i++ {
		p, err := os.StartProcess(arguments[0], arguments[:1], &os.ProcAttr{Env: clean, Sys: &syscall.SysProcAttr{}})
		check(err)
		check(p.Kill())
		p.Wait()
	}
	storm([]string{arguments[0], "300", "8"})
}

// Many numbers through the stub, results and errors as they are.
func raw([]string) {
	file, err := os.CreateTemp("", "raw")
	check(err)
	defer os.Remove(file.Name())
	if n, err := file.WriteAt([]byte("hello"), 3); n != 5 || err != nil {
		check(fmt.Errorf("pwrite: %d %v", n, err))
	}
	a, b, e := syscall.Syscall6(syscall.SYS_MMAP, 0, 8192, 3, 0x22, ^uintptr(0), 0)
	if e != 0 || a == 0 || b == 1 {
		check(fmt.Errorf("mmap: %x %x %v", a, b, e))
	}
	if _, _, e := syscall.Syscall6(syscall.SYS_MUNMAP, a, 8192, 0, 0, 0, 0); e != 0 {
		check(e)
	}
	for _, c := range []struct {
		number uintptr
		wants  syscall.Errno
	}{{syscall.SYS_CLOSE, syscall.EBADF}, {100000, syscall.ENOSYS}, {^uintptr(0), syscall.ENOSYS}, {1<<32 | 59, syscall.ENOSYS}} {
		r, _, e := syscall.RawSyscall6(c.number, ^uintptr(0), 0, 0, 0, 0, 0)
		if c.number>>32 == 1 && e == syscall.EFAULT {
			continue // newer kernels look at the lower half only
		}
		if r != ^uintptr(0) || e != c.wants {
			check(fmt.Errorf("%x: %x %v instead of %v", c.number, r, e, c.wants))
		}
	}
	fmt.Println("raw system calls as they should be")
}

// No page of the process is writable and executable, and the program's code is what it was but for one page.
func maps([]string) {
	data, err := os.ReadFile("/proc/self/maps")
	check(err)
	self, err := os.Readlink("/proc/self/exe")
	check(err)
	executable := 0
	for _, line := range bytes.Split(data, []byte("\n")) {
		fields := strings.Fields(string(line))
		if len(fields) < 2 {
			continue
		}
		if strings.Contains(fields[1], "wx") {
			check(fmt.Errorf("writable and executable: %s", line))
		}
		if fields[len(fields)-1] == self && strings.Contains(fields[1], "x") {
			executable++
		}
	}
	if executable == 0 {
		check(fmt.Errorf("no code of %s:\n%s", self, data))
	}
	fmt.Println("no page is writable and executable")
}

// time N: nanoseconds of processor time for a system call that is none of our business.
func measure(arguments []string) {
	n := number(arguments[0])
	runtime.LockOSThread()
	begin := processorTime()
	for i := 0; i < n; i++ {
		syscall.RawSyscall6(syscall.SYS_GETPPID, 0, 0, 0, 0, 0, 0)
	}
	fmt.Printf("%.3f\n", float64(processorTime()-begin)/float64(n))
}

func processorTime() int64 {
	const clockThreadCPUTime = 3
	var now syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockThreadCPUTime, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}
