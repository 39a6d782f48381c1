//go:build whitebox_cuda

package redunet

import _ "embed"

//go:embed build.ptx
var buildPTX string
