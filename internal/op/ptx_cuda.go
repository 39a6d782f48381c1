//go:build whitebox_cuda

package ptx

import "embed"

//go:embed */*.ptx
var files embed.FS

// Of returns the kernels of a module, "relu/relu": empty without the build tag
// whitebox_cuda, and where there are none.
func Of(module string) string {
	text, err := files.ReadFile(module + ".ptx")
	if err != nil {
		return ""
	}
	return string(text)
}
