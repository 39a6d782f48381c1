// Package cuda is CUDA without cgo and without a toolkit: the driver, cuBLAS,
// cuSOLVER and cuFFT, opened at run time where they are installed.
//
// It takes the build tag whitebox_cuda and Linux on amd64 or arm64. Without the
// tag, without a driver, without a device or with too old a driver, Check says
// which, in a sentence, and Open returns the same; nothing panics or exits.
//
// Libraries of CUDA 11, 12 and 13 are found by their names where the system looks
// for libraries, or in the folder that the environment variable WHITEBOX_CUDA_PATH
// names. See docs/cuda.md.
package cuda

import (
	stderrors "errors"
	"unsafe"

	"github.com/pkg/errors"
)

// ErrUnavailable reports that there is no GPU to compute on, and why. Test for it,
// and for the others, with errors.Is.
var ErrUnavailable = stderrors.New("cuda: not available")

// ErrOutOfMemory reports an allocation that device memory has no room for.
var ErrOutOfMemory = stderrors.New("cuda: out of memory")

// ErrDeviceLost reports a fault after which the device's context is of no use.
var ErrDeviceLost = stderrors.New("cuda: the device is lost")

// ErrClosed reports the use of a Device after its Close.
var ErrClosed = stderrors.New("cuda: closed")

// PathVariable names the environment variable with the folder, or the folders
// separated by colons, where CUDA's libraries are looked for first.
const PathVariable = "WHITEBOX_CUDA_PATH"

// leastDriver is the oldest version of CUDA whose driver has all that is called.
const leastDriver = 11000

// Check returns nil where there is a GPU to compute on, else ErrUnavailable with
// what is missing.
func Check() error {
	_, err := Devices()
	return err
}

// An Info describes a device.
type Info struct {
	Index    int
	Name     string
	Compute  [2]int // compute capability, major and minor
	Memory   int64  // bytes
	Driver   [2]int // the version of CUDA that the driver is for
	Library  string // the file that the driver was loaded from
	Multiple int    // multiprocessors
}

// Devices returns the devices that there are, at least one. Errors:
// ErrUnavailable, with what is missing.
func Devices() ([]Info, error) {
	a, n, err := start()
	if err != nil {
		return nil, err
	}
	all := make([]Info, n)
	for i := range all {
		if all[i], err = a.describe(i); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// start loads the driver and counts its devices.
func start() (*api, int, error) {
	a, err := loadDriver()
	if err != nil {
		return nil, 0, err
	}
	if err := a.initialize(); err != nil {
		return nil, 0, err
	}
	var n int32
	if err := a.check("cuDeviceGetCount", a.call(a.deviceGetCount, uintptr(unsafe.Pointer(&n)))); err != nil {
		return nil, 0, unavailable(err)
	}
	if n == 0 {
		return nil, 0, errors.Wrap(ErrUnavailable,
			"the driver finds no device: is a GPU there, and is it visible (CUDA_VISIBLE_DEVICES)?")
	}
	return a, int(n), nil
}

// unavailable marks an error as a reason why nothing can be computed.
func unavailable(err error) error {
	return errors.Wrap(ErrUnavailable, err.Error())
}
