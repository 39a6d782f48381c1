//go:build whitebox_cuda

package engine

import _ "embed"

//go:embed stock.ptx
var stockPTX string
