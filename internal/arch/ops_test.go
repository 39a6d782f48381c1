package arch

import (
	"path"
	"slices"
	"strings"
)

var opRules = []rule{{
	name:  "an op is a folder with its essay",
	why:   "docs/add/op.md says what the folder of an op holds",
	check: checkOps,
	bites: []map[string]string{{
		"internal/op/good/op.go": "// Package good is.\n//\n// # Method\n//\n// Yes [1].\n//\n// # " +
			"Gradient\n//\n// None.\n//\n// # References\npackage good\n",
		"internal/op/good/kernel.go":  "package good\n",
		"internal/op/good/op_test.go": "package good\n",
		"internal/op/kink/op.go": "// Package kink is.\n//\n// # Numerics\n//\n// It is not " +
			"differentiable.\npackage kink\n",
		"internal/op/kink/kernel.go":  "package kink\n",
		"internal/op/kink/op_test.go": "package kink\n",
		"internal/op/bare/op.go":      "package bare // BAD\n",
		"internal/op/bare/kernel.go":  "package bare\n",
		"internal/op/bare/op_test.go": "package bare\n",
		"internal/op/cited/op.go": "// Package cited is [1].\n//\n// # Method\n//\n// # Gradient\npackage " +
			"cited // BAD\n",
		"internal/op/cited/kernel.go":    "package cited\n",
		"internal/op/cited/op_test.go":   "package cited\n",
		"internal/op/hasty/op.go":        "// Package hasty is.\n//\n// # Gradient\npackage hasty // BAD\n",
		"internal/op/hasty/kernel.go":    "package hasty\n",
		"internal/op/hasty/op_test.go":   "package hasty\n",
		"internal/op/vague/op.go":        "// Package vague is.\n//\n// # Method\npackage vague // BAD\n",
		"internal/op/vague/kernel.go":    "package vague\n",
		"internal/op/vague/op_test.go":   "package vague\n",
		"internal/op/untested/kernel.go": "package untested // BAD\n",
	}},
}, {
	name: "kernels are plain",
	why: "a kernel is Go on slices, so that its CUDA twin and its tests need no graph: put what needs Gorgonia " +
		"in op.go",
	check: checkKernels,
	bites: []map[string]string{{
		"internal/op/gram/kernel.go":     "package gram\nimport \"math\"\nimport \"gorgonia.org/gorgonia\" // BAD\n",
		"internal/op/gram/softkernel.go": "package gram\nimport \"gorgonia.org/gorgonia\" // BAD\n",
		"internal/op/gram/op.go":         "package gram\nimport \"gorgonia.org/gorgonia\"\n",
	}},
}}

func checkOps(m *module, report reporter) {
	for _, p := range m.packages {
		if path.Dir(p.path) != "internal/op" || len(p.files) == 0 {
			continue
		}
		first := p.files[0]
		for _, name := range []string{"op.go", "op_test.go"} {
			if _, ok := m.texts[p.path+"/"+name]; !ok {
				report(m.fset.Position(first.Package), "there is no %s/%s", p.path, name)
			}
		}
		for _, f := range p.files {
			if path.Base(f.path) != "op.go" {
				continue
			}
			doc := f.Doc.Text()
			lacks := func(what string, ok bool) {
				if !ok {
					report(m.fset.Position(f.Package), "the package doc has no section %s", what)
				}
			}
			lacks("# Method or # Numerics", strings.Contains(doc, "# Method") || strings.Contains(doc, "# Numerics"))
			lacks("# Gradient, and does not say “not differentiable”", strings.Contains(doc, "# Gradient") ||
				strings.Contains(doc, "not differentiable"))
			lacks("# References for its [1]", strings.Contains(doc, "# References") || !strings.Contains(doc, "[1]"))
		}
	}
}

func checkKernels(m *module, report reporter) {
	for _, p := range m.packages {
		for _, f := range p.files {
			if !strings.HasPrefix(p.path, "internal/op/") || !strings.HasSuffix(f.path, "kernel.go") {
				continue
			}
			if i := slices.IndexFunc(f.Imports, gorgonia); i >= 0 {
				report(m.fset.Position(f.Imports[i].Pos()), "%s imports Gorgonia", f.path)
			}
		}
	}
}
