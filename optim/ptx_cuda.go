//go:build whitebox_cuda

package optim

import _ "embed"

//go:embed optim.ptx
var ptx string
