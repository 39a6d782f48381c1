package arch

import (
	"path"
	"slices"
	"strings"
)

// onDevice are the files, of those that are not tests, that may know the driver of a
// device: what launches ops, what runs programs of them, and in each of nn and redunet
// the one file that places numbers there. All others, and every program, know package
// cuda at most.
var onDevice = []string{
	"cuda/*", "internal/cuda/*", "internal/cuda/fake/*",
	"op/device.go", "op/optest/device_cuda.go", "internal/op/*/*device.go", "internal/engine/device*.go",
	"nn/place.go", "redunet/device.go",
}

var deviceRules = []rule{{
	name: "the device is a floor",
	why: "internal/cuda is known by the files that internal/arch/device_test.go lists: use package cuda, or what the " +
		"engine says of a device",
	check: checkDevice,
	bites: []map[string]string{{
		"nn/place.go": "package nn\nimport \"github.com/whitebox-nn/whitebox/internal/cuda\"\n",
		"nn/program.go": "package nn\nimport \"github.com/whitebox-nn/whitebox/cuda\"\n" +
			"import driver \"github.com/whitebox-nn/whitebox/internal/cuda\" // BAD\n",
		"nn/program_test.go": "package nn\nimport \"github.com/whitebox-nn/whitebox/internal/cuda/fake\"\n",
		"optim/adam.go": "package optim\n" +
			"import \"github.com/whitebox-nn/whitebox/internal/cuda/fake\" // BAD\n",
		"internal/op/a/fast.go":        "package a\nimport \"github.com/whitebox-nn/whitebox/internal/cuda\" // BAD\n",
		"internal/op/a/softdevice.go":  "package a\nimport \"github.com/whitebox-nn/whitebox/internal/cuda\"\n",
		"internal/engine/devicerun.go": "package engine\nimport \"github.com/whitebox-nn/whitebox/internal/cuda\"\n",
	}},
}}

func checkDevice(m *module, report reporter) {
	for _, p := range m.packages {
		for _, f := range p.files {
			known := func(pattern string) bool { ok, _ := path.Match(pattern, f.path); return ok }
			if slices.ContainsFunc(onDevice, known) {
				continue
			}
			for _, imp := range f.Imports {
				if strings.HasPrefix(importPath(imp), modulePath+"/internal/cuda") {
					report(m.fset.Position(imp.Pos()), "%s must not import %s", f.path, importPath(imp))
				}
			}
		}
	}
}
