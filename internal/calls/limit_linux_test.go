package calls

import "syscall"

// limitMemory ends the process when it asks for more than so many bytes: of
// addresses, since what is only reserved is as wrong as what is used.
func limitMemory(bytes uint64) error {
	limit := syscall.Rlimit{Cur: bytes, Max: bytes}
	return syscall.Setrlimit(syscall.RLIMIT_AS, &limit)
}
