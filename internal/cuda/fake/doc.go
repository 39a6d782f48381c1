// Package fake builds a software device: shared libraries with the part of the
// interfaces of the CUDA driver, cuBLAS, cuSOLVER and cuFFT that package cuda calls,
// over memory of the host, and with the project's own kernels, the .cu files, compiled
// for the host. It is for tests, which need a C and C++ compiler for it.
//
// It is stricter than a device. Every allocation is full of NaNs at first and ends
// where a page begins that may not be touched; what is before it is checked; freed
// memory is never used again. Operands of libraries have to lie in one allocation
// each; so do scratch and arrays of addresses. Kernels and libraries stop at an
// address that is not aligned. Work is done as late as the interface allows, so that a wait
// that is missing shows. The threads of a block run as fibres between barriers, in
// another order at every second launch. What a device would not do either, such
// as a copy out of bounds, makes it refuse everything from then on, as a device
// does, and is reported (Report). It can be told to fail (Fail).
package fake
