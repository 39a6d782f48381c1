// Command doctor says what whitebox finds on this machine to compute with, what is
// missing, and what to do about it.
//
//	go run -tags whitebox_cuda ./examples/doctor
package main

import (
	"os"

	"github.com/whitebox-nn/whitebox/internal/experiment/doctor"
)

func main() { os.Exit(doctor.Main(os.Args[1:], os.Stdout, os.Stderr)) }
