package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// gpu is what the children of one library directory agreed on.
type gpu struct {
	listed
	finder
	index                      int
	compute, pci, cuda, driver string
}

// log writes one line as Go's slog text handler does, the form in which Ollama logs.
func log(level, message string, pairs ...string) {
	line := fmt.Sprintf("time=%s level=%s msg=%s", time.Now().Format(time.RFC3339), level, quoted(message))
	for i := 0; i+1 < len(pairs); i += 2 {
		line += " " + pairs[i] + "=" + quoted(pairs[i+1])
	}
	fmt.Fprintln(os.Stderr, line)
}

func quoted(text string) string {
	if text == "" || strings.ContainsAny(text, " \"=\t\n") {
		return strconv.Quote(text)
	}
	return text
}

func debug(message string, pairs ...string) {
	if value := os.Getenv("OLLAMA_DEBUG"); value != "" && value != "0" {
		log("DEBUG", message, pairs...)
	}
}

func gib(mib uint64) string { return fmt.Sprintf("%.1f GiB", float64(mib)/1024) }

// discover merges what the three children of one directory say. A device counts only when ggml and the driver agree on
// it and the backend can run on it; the reasons are Ollama's.
func (f finder) discover() []gpu {
	dir := filepath.Base(f.gpu)
	compute, archs, err := f.capabilities()
	if err != nil {
		log("WARN", "llama-server failed", "dir", dir, "err", err.Error())
		return nil
	}
	devices, err := f.list(bootstrapTimeout)
	if err != nil {
		log("WARN", "llama-server --list-devices failed", "dir", dir, "err", err.Error())
		return nil
	}
	if len(devices) == 0 {
		return nil
	}
	driver, err := f.driver()
	if err != nil {
		log("WARN", "gpu-discover failed", "dir", dir, "err", err.Error())
		return nil
	}
	if len(devices) != len(compute) || len(devices) != len(driver.Devices) {
		log("WARN", "device counts differ", "dir", dir, "ggml", fmt.Sprint(len(devices)), "log", fmt.Sprint(len(compute)),
			"driver", fmt.Sprint(len(driver.Devices)))
		return nil
	}
	major, _, _ := strings.Cut(driver.Driver, ".")
	if number, _ := strconv.Atoi(major); number < 550 {
		log("WARN", "driver too old", "dir", dir, "driver", driver.Driver)
		return nil
	}
	var found []gpu
	for i, device := range devices {
		other := driver.Devices[i]
		var why string
		switch {
		case device.description != other.Name:
			why = "names differ: " + device.description + ", " + other.Name
		case device.total != other.Total>>20:
			why = fmt.Sprintf("totals differ: %d MiB, %d bytes", device.total, other.Total)
		case compute[i] != other.Compute:
			why = "compute capabilities differ: " + compute[i] + ", " + other.Compute
		case device.total == 0:
			why = "no memory"
		case other.Integrated:
			why = "integrated"
		case !contains(archs, strings.ReplaceAll(other.Compute, ".", "")+"0"):
			why = "compute " + other.Compute + " is not among " + strings.Join(archs, ",")
		default:
			// A closer look at this device alone, by its index.
			alone, err := f.list(probeTimeout, "CUDA_VISIBLE_DEVICES="+strconv.Itoa(i))
			if err != nil || len(alone) != 1 || alone[0].description != device.description {
				why = fmt.Sprintf("alone it is %v, %v", alone, err)
			}
		}
		if why != "" {
			log("WARN", "dropped", "dir", dir, "name", device.name, "why", why)
			continue
		}
		found = append(found, gpu{device, f, i, other.Compute, other.PCI, driver.CUDA, driver.Driver})
	}
	return found
}

func contains(list []string, text string) bool {
	for _, entry := range list {
		if entry == text {
			return true
		}
	}
	return false
}

// libraryRoot is where the backends are: the first of these directories that is there, else the program's own. (ml/path.go of
// 2026; older versions do not look at lib/ollama, discover/path.go.)
func libraryRoot(self string) string {
	home := filepath.Dir(self)
	for _, dir := range []string{"../lib/ollama", "lib/ollama", "build/lib/ollama"} {
		if info, err := os.Stat(filepath.Join(home, dir)); err == nil && info.IsDir() {
			return filepath.Join(home, dir)
		}
	}
	return home
}

// scanned are the directories directly in it that have a backend of ggml, each looked at together with the root; where there are
// none, the root alone. Those for Jetson are for another processor, and OLLAMA_LLM_LIBRARY leaves one of them. (discover/runner.go.)
func scanned(lib string) []string {
	files, _ := filepath.Glob(filepath.Join(lib, "*", "*ggml-*"))
	var dirs []string
	seen := map[string]bool{}
	for _, file := range files {
		dir := filepath.Dir(file)
		if !seen[dir] {
			seen[dir] = true
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) == 0 {
		return []string{lib}
	}
	var left []string
	requested := os.Getenv("OLLAMA_LLM_LIBRARY")
	for _, dir := range dirs {
		name := filepath.Base(dir)
		if requested != "" && !strings.HasPrefix(requested, "mlx_") && name != requested {
			debug("skipping available library at user's request", "requested", requested, "libDir", dir)
		} else if !strings.Contains(name, "cuda_jetpack") {
			left = append(left, dir)
		}
	}
	return left
}

// discoverAll looks through the GPU directories, newest first. A device found in two of them is the same device.
func discoverAll(clean bool) []gpu {
	self, err := os.Executable()
	if err != nil {
		log("ERROR", "no path of our own", "err", err.Error())
		return nil
	}
	lib := libraryRoot(self)
	dirs := scanned(lib)
	sort.Sort(sort.Reverse(sort.StringSlice(dirs)))
	var all []gpu
	seen := map[string]bool{}
	for _, dir := range dirs {
		found := finder{self, lib, dir, clean}.discover()
		debug("bootstrap", "dir", filepath.Base(dir), "count", fmt.Sprint(len(found)))
		for _, device := range found {
			if !seen[device.pci] {
				seen[device.pci] = true
				all = append(all, device)
			}
		}
	}
	debug("filtering out unsupported or overlapping GPU library combinations", "initial_count", fmt.Sprint(len(all)))
	return all
}

func serve(once, clean bool) int {
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM, syscall.SIGINT)
	begin := time.Now()
	devices := discoverAll(clean)
	debug("GPU bootstrap discovery took", "duration", time.Since(begin).String())
	for _, device := range devices {
		log("INFO", "inference compute", "id", device.pci, "library", "CUDA", "compute", device.compute,
			"name", device.name, "description", device.description, "libdirs", "ollama,"+filepath.Base(device.gpu),
			"driver", device.cuda, "pci_id", device.pci, "type", "discrete", "total", gib(device.total),
			"available", gib(device.free))
	}
	if len(devices) == 0 {
		log("INFO", "inference compute", "id", "cpu", "library", "cpu", "compute", "", "name", "cpu", "description", "cpu")
	}
	if once {
		return 0
	}

	listener, err := listen()
	if err != nil {
		log("ERROR", "listen", "err", err.Error())
		return 1
	}
	log("INFO", "Listening on "+listener.Addr().String())
	go answer(listener, devices)
	go watchdog()
	notify("READY=1")
	log("INFO", "stopped", "signal", (<-terminate).String())
	notify("STOPPING=1")
	return 0
}

// answer gives every connection the devices' free memory as it is now, one line each: the refresh before a model loads.
func answer(listener net.Listener, devices []gpu) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		for _, device := range devices {
			now, err := device.list(refreshTimeout, "CUDA_VISIBLE_DEVICES="+strconv.Itoa(device.index))
			if err != nil || len(now) != 1 {
				fmt.Fprintf(connection, "%s lost: %v\n", device.name, err)
				continue
			}
			fmt.Fprintf(connection, "%s %d MiB free\n", device.name, now[0].free)
		}
		connection.Close()
	}
}
