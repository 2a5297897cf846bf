package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// How long Ollama waits for its children: the first look (libraries may be cold), a closer look, a look while serving.
const (
	bootstrapTimeout = 30 * time.Second
	probeTimeout     = 15 * time.Second
	refreshTimeout   = 3 * time.Second
)

// finder starts the children for one library directory.
type finder struct {
	self  string // our own executable
	lib   string // .../lib/ollama: llama-server's directory
	gpu   string // .../lib/ollama/cuda_v13
	clean bool
}

// listed is one line of `llama-server --list-devices`.
type listed struct {
	name        string // "CUDA0"
	description string
	total, free uint64 // MiB
}

// environment is the child's: ours (or nothing), with LD_LIBRARY_PATH rewritten in the order that Ollama uses.
// LD_PRELOAD is never touched.
func (f finder) environment(extra ...string) []string {
	path := []string{f.lib}
	if f.gpu != f.lib {
		path = append(path, f.gpu)
	}
	backends := []string{}
	for _, dir := range path {
		found, _ := filepath.Glob(filepath.Join(dir, "libggml-cuda*"))
		backends = append(backends, found...)
	}
	inherited := []string{}
	if f.clean {
		inherited = append(inherited, "PATH="+os.Getenv("PATH"), "HOME="+os.Getenv("HOME"))
	} else {
		for _, entry := range os.Environ() {
			if !strings.HasPrefix(entry, "LD_LIBRARY_PATH=") {
				inherited = append(inherited, entry)
			}
		}
		if old := os.Getenv("LD_LIBRARY_PATH"); old != "" {
			path = append(path, filepath.SplitList(old)...)
		}
	}
	result := append(inherited, "LD_LIBRARY_PATH="+strings.Join(path, ":"))
	if len(backends) > 0 {
		result = append(result, "GGML_BACKEND_PATH="+backends[0])
	}
	return append(result, extra...)
}

func (f finder) run(timeout time.Duration, environment []string, name string, arguments ...string) (string, string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, name, arguments...)
	command.Env, command.Stdout, command.Stderr = environment, &stdout, &stderr
	err := command.Run()
	if ctx.Err() != nil {
		err = fmt.Errorf("%s: nothing within %v", filepath.Base(name), timeout)
	}
	debug("child", "cmd", filepath.Base(name), "args", strings.Join(arguments, " "), "err", fmt.Sprint(err))
	for _, line := range strings.Split(strings.TrimSpace(stderr.String()), "\n") {
		debug("child stderr", "line", line)
	}
	return stdout.String(), stderr.String(), err
}

var (
	deviceLine  = regexp.MustCompile(`Device (\d+): (.*), compute capability (\d+\.\d+)`)
	archsLine   = regexp.MustCompile(`CUDA : ARCHS = ([0-9,]+)`)
	listingLine = regexp.MustCompile(`^\s*(CUDA\d+): (.*) \((\d+) MiB, (\d+) MiB free\)$`)
)

// capabilities starts llama-server as such and reads its log: the compute capability of each device and the
// architectures ("750", "900") that the backend was built for.
func (f finder) capabilities() (compute []string, archs []string, err error) {
	_, log, err := f.run(bootstrapTimeout, f.environment(), filepath.Join(f.lib, "llama-server"))
	for _, match := range deviceLine.FindAllStringSubmatch(log, -1) {
		compute = append(compute, match[3])
	}
	if match := archsLine.FindStringSubmatch(log); match != nil {
		archs = strings.Split(match[1], ",")
	}
	return compute, archs, err
}

func (f finder) list(timeout time.Duration, extra ...string) ([]listed, error) {
	output, _, err := f.run(timeout, f.environment(extra...), filepath.Join(f.lib, "llama-server"), "--list-devices")
	var found []listed
	for _, line := range strings.Split(output, "\n") {
		match := listingLine.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		total, _ := strconv.ParseUint(match[3], 10, 64)
		free, _ := strconv.ParseUint(match[4], 10, 64)
		found = append(found, listed{match[1], match[2], total, free})
	}
	return found, err
}

func (f finder) driver() (driverAnswer, error) {
	var answer driverAnswer
	output, log, err := f.run(probeTimeout, f.environment(), f.self, "gpu-discover")
	if err != nil {
		return answer, fmt.Errorf("%w: %s", err, strings.TrimSpace(log))
	}
	return answer, json.Unmarshal([]byte(output), &answer)
}
