package cuda

import (
	"unsafe"

	"github.com/pkg/errors"
)

// An api is the driver's functions: addresses, by the names that they have in C
// without their prefix and version.
type api struct {
	caller
	file string // that the driver was loaded from

	init, driverGetVersion                                          uintptr
	deviceGetCount, deviceGet, deviceGetName, deviceGetAttribute    uintptr
	deviceTotalMem, primaryCtxRetain, primaryCtxRelease             uintptr
	ctxSetCurrent, ctxSynchronize                                   uintptr
	memAlloc, memFree, memGetInfo, memHostAlloc, memFreeHost        uintptr
	memcpyHtoD, memcpyDtoH, memcpyDtoD, memset                      uintptr
	streamCreate, streamDestroy, streamSynchronize, streamWaitEvent uintptr
	eventCreate, eventDestroy, eventRecord, eventElapsed            uintptr
	moduleLoad, moduleUnload, moduleGetFunction, launchKernel       uintptr
	beginCapture, endCapture, graphInstantiate, graphLaunch         uintptr
	graphExecDestroy, graphDestroy                                  uintptr
	graphNodes, nodeType, memcpyParams                              uintptr
}

// A symbol is a function of a library, and where its address goes.
type symbol struct {
	name     string
	at       *uintptr
	optional bool
}

func (a *api) symbols() []symbol {
	return []symbol{
		{"cuInit", &a.init, false}, {"cuDriverGetVersion", &a.driverGetVersion, false},
		{"cuDeviceGetCount", &a.deviceGetCount, false}, {"cuDeviceGet", &a.deviceGet, false},
		{"cuDeviceGetName", &a.deviceGetName, false}, {"cuDeviceGetAttribute", &a.deviceGetAttribute, false},
		{"cuDeviceTotalMem_v2", &a.deviceTotalMem, false},
		{"cuDevicePrimaryCtxRetain", &a.primaryCtxRetain, false}, {"cuDevicePrimaryCtxRelease_v2", &a.primaryCtxRelease,
			false},
		{"cuCtxSetCurrent", &a.ctxSetCurrent, false}, {"cuCtxSynchronize", &a.ctxSynchronize, false},
		{"cuMemAlloc_v2", &a.memAlloc, false}, {"cuMemFree_v2", &a.memFree, false}, {"cuMemGetInfo_v2", &a.memGetInfo,
			false},
		{"cuMemHostAlloc", &a.memHostAlloc, false}, {"cuMemFreeHost", &a.memFreeHost, false},
		{"cuMemcpyHtoDAsync_v2", &a.memcpyHtoD, false}, {"cuMemcpyDtoHAsync_v2", &a.memcpyDtoH, false},
		{"cuMemcpyDtoDAsync_v2", &a.memcpyDtoD, false}, {"cuMemsetD8Async", &a.memset, false},
		{"cuStreamCreate", &a.streamCreate, false}, {"cuStreamDestroy_v2", &a.streamDestroy, false},
		{"cuStreamSynchronize", &a.streamSynchronize, false}, {"cuStreamWaitEvent", &a.streamWaitEvent, false},
		{"cuEventCreate", &a.eventCreate, false}, {"cuEventDestroy_v2", &a.eventDestroy, false},
		{"cuEventRecord", &a.eventRecord, false}, {"cuEventElapsedTime", &a.eventElapsed, false},
		{"cuModuleLoadData", &a.moduleLoad, false}, {"cuModuleUnload", &a.moduleUnload, false},
		{"cuModuleGetFunction", &a.moduleGetFunction, false}, {"cuLaunchKernel", &a.launchKernel, false},
		{"cuStreamBeginCapture_v2", &a.beginCapture, true}, {"cuStreamEndCapture", &a.endCapture, true},
		{"cuGraphInstantiateWithFlags", &a.graphInstantiate, true}, {"cuGraphLaunch", &a.graphLaunch, true},
		{"cuGraphExecDestroy", &a.graphExecDestroy, true}, {"cuGraphDestroy", &a.graphDestroy, true},
		{"cuGraphGetNodes", &a.graphNodes, true}, {"cuGraphNodeGetType", &a.nodeType, true},
		{"cuGraphMemcpyNodeGetParams", &a.memcpyParams, true},
	}
}

// graphs reports whether the driver can capture a stream.
func (a *api) graphs() bool {
	return a.beginCapture != 0 && a.endCapture != 0 && a.graphInstantiate != 0 && a.graphLaunch != 0 &&
		a.graphExecDestroy != 0 && a.graphDestroy != 0 && a.graphNodes != 0 && a.nodeType != 0 && a.memcpyParams != 0
}

func loadDriver() (*api, error) {
	l, err := open("the driver", "libcuda.so.1", "libcuda.so")
	if err != nil {
		return nil, err
	}
	a := &api{file: l.file}
	return a, l.resolve(a.symbols())
}

func (a *api) initialize() error {
	version := new(int32)
	if err := a.check("cuDriverGetVersion", a.call(a.driverGetVersion, uintptr(unsafe.Pointer(version)))); err != nil {
		return unavailable(err)
	}
	if *version < leastDriver {
		return errors.Wrapf(ErrUnavailable, "the driver is for CUDA %d.%d, want 11.0 or newer: update it",
			*version/1000, *version%1000/10)
	}
	if err := a.check("cuInit", a.call(a.init, 0)); err != nil {
		return unavailable(err)
	}
	return nil
}

// Attributes of devices, by their numbers in the driver's interface.
const (
	attributeMultiprocessors = 16
	attributeMajor           = 75
	attributeMinor           = 76
)

func (a *api) describe(i int) (Info, error) {
	info := Info{Index: i, Library: a.file}
	var dev, version int32
	if err := a.check("cuDeviceGet", a.call(a.deviceGet, uintptr(unsafe.Pointer(&dev)), uintptr(i))); err != nil {
		return info, err
	}
	name := make([]byte, 256)
	if err := a.check("cuDeviceGetName", a.call(a.deviceGetName, uintptr(unsafe.Pointer(&name[0])), uintptr(len(name)),
		uintptr(dev))); err != nil {
		return info, err
	}
	info.Name = text(name)
	if err := a.check("cuDeviceTotalMem", a.call(a.deviceTotalMem, uintptr(unsafe.Pointer(&info.Memory)),
		uintptr(dev))); err != nil {
		return info, err
	}
	for _, x := range []struct {
		attribute uintptr
		to        *int
	}{{attributeMajor, &info.Compute[0]}, {attributeMinor, &info.Compute[1]},
		{attributeMultiprocessors, &info.Multiple}} {
		var v int32
		if err := a.check("cuDeviceGetAttribute", a.call(a.deviceGetAttribute, uintptr(unsafe.Pointer(&v)), x.attribute,
			uintptr(dev))); err != nil {
			return info, err
		}
		*x.to = int(v)
	}
	err := a.check("cuDriverGetVersion", a.call(a.driverGetVersion, uintptr(unsafe.Pointer(&version))))
	info.Driver = [2]int{int(version / 1000), int(version % 1000 / 10)}
	return info, err
}

// text returns the bytes before the first zero.
func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
