// Package cuda finds and opens the GPUs that programs run on.
//
// It takes the build tag whitebox_cuda and Linux on amd64 or arm64; no cgo, and no toolkit. Without the tag, without
// a driver, without a device or with too old a driver, [Check] says which in a sentence, and [Open] returns the same
// error; nothing panics or exits.
//
//	dev, err := cuda.Open(0)
//	program, err := nn.Compile(g, outputs, nn.Options{Device: dev})
//	… program.Close(); dev.Close()
//
// Libraries of CUDA 11, 12 and 13 are found by their names where the system looks
// for libraries, or in the folder that the environment variable WHITEBOX_CUDA_PATH
// names. See docs/cuda.md. What launches a kernel is in package op.
package cuda

import (
	"strconv"
	"strings"

	"github.com/pkg/errors"

	driver "github.com/whitebox-nn/whitebox/internal/cuda"
)

// ErrUnavailable reports that there is no GPU to compute on, and why. Test for it,
// and for the others, with errors.Is.
var ErrUnavailable = driver.ErrUnavailable

// ErrOutOfMemory reports an allocation that device memory has no room for.
var ErrOutOfMemory = driver.ErrOutOfMemory

// ErrDeviceLost reports a fault after which the device's context cannot be used any more.
var ErrDeviceLost = driver.ErrDeviceLost

// ErrClosed reports the use of a Device after its Close.
var ErrClosed = driver.ErrClosed

// PathVariable names the environment variable with the folder, or the folders
// separated by colons, where CUDA's libraries are looked for first.
const PathVariable = driver.PathVariable

// Available reports whether there is a GPU to compute on. See Check for why not.
func Available() bool { return Check() == nil }

// Check returns nil if there is a GPU to compute on, and otherwise [ErrUnavailable] with what is missing.
func Check() error {
	_, err := driver.Devices()
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
	found, err := driver.Devices()
	if err != nil {
		return nil, err
	}
	all := make([]Info, len(found))
	for i, d := range found {
		all[i] = Info(d)
	}
	return all, nil
}

// A Device is a GPU in use, from Open or Choose. Programs on one Device take turns;
// several Devices work at the same time. Its methods may be called from any goroutine.
type Device struct{ handle }

// A handle is for packages of this module, which call the driver.
type handle struct{ Driver *driver.Device }

// Choose opens the device that a user named: nil for "cpu" or "", else device i for
// "cuda:i", device 0 for "cuda". Close what it returns; closing nil does nothing.
func Choose(name string) (*Device, error) {
	if name == "" || name == "cpu" {
		return nil, nil
	}
	number, ok := strings.CutPrefix(name, "cuda")
	if !ok {
		return nil, errors.Errorf("device %q, want cpu, cuda or cuda:i", name)
	}
	if number == "" {
		number = ":0"
	}
	i, err := strconv.Atoi(strings.TrimPrefix(number, ":"))
	if err != nil || i < 0 || number[0] != ':' {
		return nil, errors.Errorf("device %q, want cpu, cuda or cuda:i", name)
	}
	return Open(i)
}

// Open returns device number i, of those that Devices lists, ready to compute.
// Errors: ErrUnavailable, with what is missing.
func Open(i int) (*Device, error) {
	d, err := driver.Open(i)
	if err != nil {
		return nil, err
	}
	return &Device{handle{d}}, nil
}

// driver returns the driver's device. It may be nil, whose methods return an error.
func (d *Device) driver() *driver.Device {
	if d == nil {
		return nil
	}
	return d.Driver
}

// Close releases the device. If something on it has not been freed, that is an error and d stays open: close the
// programs first.
func (d *Device) Close() error { return d.driver().Close() }

// Info returns what is known of the device.
func (d *Device) Info() Info { return Info(d.driver().Info()) }

// String returns the name of the device and its number.
func (d *Device) String() string { return d.driver().String() }

// Memory returns the free and the total bytes of the device's memory. Other processes may be using it too.
func (d *Device) Memory() (free, total int64, err error) {
	err = d.driver().Do(func() error {
		free, total, err = d.Driver.MemInfo()
		return err
	})
	return free, total, err
}

// Synchronize waits for everything that was put on the device.
func (d *Device) Synchronize() error {
	return d.driver().Do(func() error { return d.Driver.Synchronize() })
}

// A Library is one of CUDA's that programs compute with.
type Library struct {
	Name, Use string
	Err       error // why it is not there; nil where it is
}

// Libraries opens those that there are. Errors: of d itself.
func (d *Device) Libraries() (all []Library, err error) {
	err = d.driver().Do(func() error {
		_, blas := d.Driver.BLAS()
		_, solver := d.Driver.Solver()
		_, fft := d.Driver.FFT()
		all = []Library{
			{"cuBLAS", "products, and so nearly everything", blas},
			{"cuSOLVER", "coding rates", solver},
			{"cuFFT", "spectra of long signals", fft},
		}
		return nil
	})
	return all, err
}

// PeakMemory returns the most bytes of device memory that were allocated on d at one time since Open or ResetPeak,
// with the scratch of cuBLAS. The memory that the driver and the libraries take for themselves, some hundred MiB, is
// not included.
func (d *Device) PeakMemory() int64 { return d.driver().PeakMemory() }

// ResetPeak makes PeakMemory begin anew, with what is allocated now.
func (d *Device) ResetPeak() { d.driver().ResetPeak() }
