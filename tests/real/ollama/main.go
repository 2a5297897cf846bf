// A stand-in for Ollama, for tests: it finds GPUs the way Ollama 0.30 does, with one llama-server and one driver probe
// as child processes per library directory, and logs the same lines. It is a cgo PIE, as Ollama is.
//
//	ollama serve [--once] [--clean-env]   find the GPUs, log them, then answer on OLLAMA_HOST until SIGTERM
//	ollama gpu-discover                   (started by serve) ask libcuda and libnvidia-ml, print JSON
//
// --once exits after the log lines. --clean-env starts the children with nothing but what serve sets itself: no
// LD_PRELOAD and no VGPU_ variable survives that by inheritance.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: ollama serve [--once] [--clean-env] | gpu-discover")
		os.Exit(2)
	}
	switch os.Args[1] {
	case "serve":
		flags := flag.NewFlagSet("serve", flag.ExitOnError)
		once := flags.Bool("once", false, "exit after the discovery")
		clean := flags.Bool("clean-env", false, "start children with a cleaned environment")
		_ = flags.Parse(os.Args[2:])
		os.Exit(serve(*once, *clean))
	case "gpu-discover":
		answer, err := askDriver()
		if err != nil {
			fmt.Fprintln(os.Stderr, "gpu-discover:", err)
			os.Exit(1)
		}
		_ = json.NewEncoder(os.Stdout).Encode(answer)
	default:
		fmt.Fprintln(os.Stderr, "ollama: unknown command", os.Args[1])
		os.Exit(2)
	}
}
