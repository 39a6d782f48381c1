package rundir

import (
	stderrors "errors"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// alive reports whether the holder may still run: on another machine it may.
func (h holder) alive() bool {
	us := self()
	if h.Host != us.Host {
		return true
	}
	if !runs(h.PID) {
		return false
	}
	now := process(h.PID)
	return now == "" || h.Process == "" || now == h.Process
}

// runs reports whether a process of that number runs on this machine.
func runs(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil { // on Windows, which looks
		return false
	}
	defer func() { _ = p.Release() }()
	if runtime.GOOS == "windows" {
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || stderrors.Is(err, fs.ErrPermission)
}

// process returns what no other process of that number has: where Linux's proc is
// mounted, when this one began, since which start of the machine; else "".
func process(pid int) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// Field 22, starttime, counted behind the name, which may hold anything: proc(5).
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + fields[19]
}
