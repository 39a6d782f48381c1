package cuda

import (
	"fmt"
	"strings"

	"github.com/pkg/errors"
)

// An Error is a call that did not succeed.
type Error struct {
	Call string // "cuMemAlloc"
	Code int
	Name string // of the code: "CUDA_ERROR_OUT_OF_MEMORY"
	Hint string // what to do; may be empty
}

// Error says which call, what its code means and what to do.
func (e *Error) Error() string {
	if e == nil {
		return "cuda: no error"
	}
	s := fmt.Sprintf("cuda: %s: %s (%d)", e.Call, e.Name, e.Code)
	if e.Hint != "" {
		s += ": " + e.Hint
	}
	return s
}

// Is makes errors.Is find what kind of error it is.
func (e *Error) Is(target error) bool {
	if e == nil {
		return false
	}
	if e.ofDriver() {
		c := codes[e.Code]
		return c.is != nil && c.is == target
	}
	return target == ErrOutOfMemory && strings.HasSuffix(e.Name, "_ALLOC_FAILED")
}

// ofDriver reports whether the call is one of the driver, not of another library.
func (e *Error) ofDriver() bool {
	for _, l := range []string{"cublas", "cusolver", "cufft"} {
		if strings.HasPrefix(e.Call, l) {
			return false
		}
	}
	return true
}

// A code is a result of the driver.
type code struct {
	name, hint string
	is         error
}

// mistake is what to do about what no user can have caused.
const mistake = "a mistake of this library: please report it, with the device and the driver's version"

const lost = "the context is lost with all that was in device memory: start again from the last checkpoint"

// codes are the results that are met in practice; the numbers are those of the
// driver's interface.
var codes = map[int]code{
	1: {"CUDA_ERROR_INVALID_VALUE", mistake, nil},
	2: {"CUDA_ERROR_OUT_OF_MEMORY",
		"a smaller batch, the same one in chunks (train.Loop.Chunk), or a device with more memory", ErrOutOfMemory},
	3: {"CUDA_ERROR_NOT_INITIALIZED", mistake, nil},
	4: {"CUDA_ERROR_DEINITIALIZED", "the process is ending: close programs and devices before", nil},
	34: {"CUDA_ERROR_STUB_LIBRARY",
		"the libcuda.so that was found is the toolkit's stub: install the driver, or name its folder in " +
			PathVariable, ErrUnavailable},
	46: {"CUDA_ERROR_DEVICE_UNAVAILABLE", "another process has the device for itself", ErrUnavailable},
	100: {"CUDA_ERROR_NO_DEVICE", "the driver finds no GPU: is one there, and is it visible (CUDA_VISIBLE_DEVICES)?",
		ErrUnavailable},
	101: {"CUDA_ERROR_INVALID_DEVICE", mistake, nil},
	200: {"CUDA_ERROR_INVALID_IMAGE", mistake, nil},
	201: {"CUDA_ERROR_INVALID_CONTEXT", mistake, nil},
	209: {"CUDA_ERROR_NO_BINARY_FOR_GPU", "the device is older than compute capability 7.0", nil},
	214: {"CUDA_ERROR_ECC_UNCORRECTABLE", lost, ErrDeviceLost},
	218: {"CUDA_ERROR_INVALID_PTX", mistake, nil},
	221: {"CUDA_ERROR_JIT_COMPILER_NOT_FOUND", "libnvidia-ptxjitcompiler.so.1, a part of the driver, is not installed",
		nil},
	222: {"CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the driver is too old for the kernels: update it", nil},
	400: {"CUDA_ERROR_INVALID_HANDLE", mistake, nil},
	500: {"CUDA_ERROR_NOT_FOUND", mistake, nil},
	700: {"CUDA_ERROR_ILLEGAL_ADDRESS", lost, ErrDeviceLost},
	701: {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", mistake, nil},
	702: {"CUDA_ERROR_LAUNCH_TIMEOUT", lost, ErrDeviceLost},
	709: {"CUDA_ERROR_CONTEXT_IS_DESTROYED", lost, ErrDeviceLost},
	714: {"CUDA_ERROR_HARDWARE_STACK_ERROR", lost, ErrDeviceLost},
	715: {"CUDA_ERROR_ILLEGAL_INSTRUCTION", lost, ErrDeviceLost},
	716: {"CUDA_ERROR_MISALIGNED_ADDRESS", lost, ErrDeviceLost},
	717: {"CUDA_ERROR_INVALID_ADDRESS_SPACE", lost, ErrDeviceLost},
	718: {"CUDA_ERROR_INVALID_PC", lost, ErrDeviceLost},
	719: {"CUDA_ERROR_LAUNCH_FAILED", lost, ErrDeviceLost},
	803: {"CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
		"libcuda and the kernel's module are of two versions: restart after an update of the driver", ErrUnavailable},
	804: {"CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
		"a package for forward compatibility is there that is not for this device: remove it, or update the driver",
		ErrUnavailable},
	900: {"CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "", nil},
	901: {"CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "", nil},
	902: {"CUDA_ERROR_STREAM_CAPTURE_MERGE", "", nil},
	904: {"CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "", nil},
	905: {"CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "", nil},
	906: {"CUDA_ERROR_STREAM_CAPTURE_IMPLICIT", "", nil},
	908: {"CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD", "", nil},
	999: {"CUDA_ERROR_UNKNOWN", lost, ErrDeviceLost},
}

// The statuses of the libraries on top of the driver.
var (
	blasStatus = map[int]string{
		1: "CUBLAS_STATUS_NOT_INITIALIZED", 3: "CUBLAS_STATUS_ALLOC_FAILED", 7: "CUBLAS_STATUS_INVALID_VALUE",
		8:  "CUBLAS_STATUS_ARCH_MISMATCH",
		11: "CUBLAS_STATUS_MAPPING_ERROR", 13: "CUBLAS_STATUS_EXECUTION_FAILED", 14: "CUBLAS_STATUS_INTERNAL_ERROR",
		15: "CUBLAS_STATUS_NOT_SUPPORTED",
	}
	solverStatus = map[int]string{
		1: "CUSOLVER_STATUS_NOT_INITIALIZED", 2: "CUSOLVER_STATUS_ALLOC_FAILED", 3: "CUSOLVER_STATUS_INVALID_VALUE",
		4: "CUSOLVER_STATUS_ARCH_MISMATCH",
		5: "CUSOLVER_STATUS_MAPPING_ERROR", 6: "CUSOLVER_STATUS_EXECUTION_FAILED", 7: "CUSOLVER_STATUS_INTERNAL_ERROR",
		8: "CUSOLVER_STATUS_MATRIX_TYPE_NOT_SUPPORTED", 9: "CUSOLVER_STATUS_NOT_SUPPORTED",
		31: "CUSOLVER_STATUS_INVALID_WORKSPACE",
	}
	fftStatus = map[int]string{
		1: "CUFFT_INVALID_PLAN", 2: "CUFFT_ALLOC_FAILED", 3: "CUFFT_INVALID_TYPE", 4: "CUFFT_INVALID_VALUE",
		5: "CUFFT_INTERNAL_ERROR",
		6: "CUFFT_EXEC_FAILED", 7: "CUFFT_SETUP_FAILED", 8: "CUFFT_INVALID_SIZE", 9: "CUFFT_UNALIGNED_DATA",
		11: "CUFFT_INVALID_DEVICE",
		13: "CUFFT_NO_WORKSPACE", 14: "CUFFT_NOT_IMPLEMENTED", 16: "CUFFT_NOT_SUPPORTED",
	}
)

// adviceOn says what to do about a status of such a library, by the end of its name.
func adviceOn(name string) string {
	for _, a := range []struct{ ends, advice string }{
		{"_ALLOC_FAILED", "it found no memory: a smaller batch, or a device with more memory"},
		{"_NOT_INITIALIZED", "the device is lost, or has no memory left: open it again"},
		{"_SETUP_FAILED", "the device is lost, or has no memory left: open it again"},
		{"_ARCH_MISMATCH", "it does not know the device: install one of a newer CUDA"},
		{"_NOT_SUPPORTED", "install one of a newer CUDA"},
		{"_NOT_IMPLEMENTED", "install one of a newer CUDA"},
		{"_EXECUTION_FAILED", "a launch failed, or one before: CUDA_LAUNCH_BLOCKING=1 in the environment shows which"},
		{"_EXEC_FAILED", "a launch failed, or one before: CUDA_LAUNCH_BLOCKING=1 in the environment shows which"},
		{"_INTERNAL_ERROR", "a launch failed, or one before: CUDA_LAUNCH_BLOCKING=1 in the environment shows which"},
	} {
		if strings.HasSuffix(name, a.ends) {
			return a.advice
		}
	}
	return mistake
}

// check returns the error of a call to the driver that returned r.
func (a *api) check(call string, r uintptr) error {
	n := int(int32(r))
	if n == 0 {
		return nil
	}
	c, ok := codes[n]
	if !ok {
		c.name, c.hint = "unknown code", "the driver's documentation says what it is"
	}
	return errors.WithStack(&Error{Call: call, Code: n, Name: c.name, Hint: c.hint})
}

// checkStatus is check for another library, with the sizes of the call.
func checkStatus(names map[int]string, call string, r uintptr, format string, args ...int) error {
	n := int(int32(r))
	if n == 0 {
		return nil
	}
	name, ok := names[n]
	if !ok {
		name = "unknown status"
	}
	sizes := make([]any, len(args))
	for i, v := range args {
		sizes[i] = v
	}
	hint := adviceOn(name)
	if format != "" {
		hint = fmt.Sprintf(format, sizes...) + ": " + hint
	}
	return errors.WithStack(&Error{Call: call, Code: n, Name: name, Hint: hint})
}
