//go:build whitebox_cuda

package extend

import _ "embed" // the kernels

//go:embed garrote.ptx
var garrotePTX string

//go:embed lion.ptx
var lionPTX string
