package main

import (
	"net"
	"os"
	"strconv"
	"time"
)

// What a service says to its manager, and gets from it. All of it goes by process id: behind a launcher that forks, systemd
// would listen to nobody.

// listen takes the socket that systemd hands over (sd_listen_fds(3)), else one at OLLAMA_HOST.
func listen() (net.Listener, error) {
	if os.Getenv("LISTEN_PID") == strconv.Itoa(os.Getpid()) && os.Getenv("LISTEN_FDS") == "1" {
		return net.FileListener(os.NewFile(3, "LISTEN_FD_3"))
	}
	address := os.Getenv("OLLAMA_HOST")
	if address == "" {
		address = "127.0.0.1:11434"
	}
	return net.Listen("tcp", address)
}

// notify is sd_notify(3).
func notify(state string) {
	socket := os.Getenv("NOTIFY_SOCKET")
	if socket == "" {
		return
	}
	connection, err := net.Dial("unixgram", socket)
	if err != nil {
		log("WARN", "notify", "err", err.Error())
		return
	}
	defer connection.Close()
	_, _ = connection.Write([]byte(state))
}

// watchdog is what sd_watchdog_enabled(3) asks for: a sign of life twice in each interval.
func watchdog() {
	interval, _ := strconv.Atoi(os.Getenv("WATCHDOG_USEC"))
	if interval == 0 || os.Getenv("WATCHDOG_PID") != strconv.Itoa(os.Getpid()) {
		return
	}
	for range time.Tick(time.Duration(interval) * time.Microsecond / 2) {
		notify("WATCHDOG=1")
	}
}
