//go:build whitebox_cuda

package clash

import _ "embed" // the kernels

//go:embed cube.ptx
var ptx string
