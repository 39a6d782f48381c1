package arch

import (
	"go/ast"
	"slices"
	"strings"
)

// may lists, for each package of the module, the module's packages that its
// files other than tests may import. A trailing /* stands for every package
// below. Who is not in it may not exist.
var may = map[string][]string{
	// Nobody of ours below them, but for the way that files are written.
	"internal/atomicfile":  {},
	"internal/build":       {},
	"internal/par":         {},
	"internal/sizes":       {},
	"internal/dense":       {},
	"internal/matrix":      {},
	"internal/given":       {},
	"op/launch":            {},
	"internal/calls":       {},
	"internal/calls/gen":   {},
	"internal/tell":        {},
	"internal/simd":        {},
	"internal/fourier":     {"internal/simd"},
	"internal/distance":    {"internal/par", "internal/simd"}, // beside lin: its kernels are those of simd alone
	"internal/arch":        {},
	"internal/arch/floors": {"internal/atomicfile"},
	"internal/filelock":    {},
	"internal/rundir":      {"internal/atomicfile", "internal/filelock"},
	"internal/cuda":        {"op/launch"},
	"cuda":                 {"internal/cuda"},
	"internal/cuda/fake":   {"internal/cuda"},
	"internal/half":        {}, // for data and safetensors, which read the same numbers
	"internal/safetensors": {"internal/atomicfile", "internal/half"},
	"sparse": {"internal/matrix", "internal/given", "internal/sizes", "internal/lin",
		"internal/par", "internal/simd"},
	"coding": {"internal/matrix", "internal/given", "internal/sizes", "internal/par"},
	"subspace": {"internal/matrix", "internal/given", "internal/sizes", "internal/par",
		"internal/lin", "internal/distance", "internal/simd"},
	"metrics": {"internal/distance", "internal/matrix", "internal/given", "internal/sizes", "internal/atomicfile",
		"internal/simd", "internal/lin",
		"internal/par"}, // its spectra and subspaces are of lin's decompositions, on workers
	"data": {"internal/dense", "internal/given", "internal/sizes", "internal/atomicfile", "internal/filelock",
		"internal/half", "internal/par"},
	"report": {"internal/given", "internal/sizes", "internal/atomicfile"},

	// Kernels, and what runs them. An op never imports another op.
	"internal/lin": {"internal/par", "internal/simd"},
	"openblas":     {"internal/par"},
	"op": {"op/launch", "internal/lin", "internal/given", "internal/sizes", "internal/build",
		"internal/par", "internal/simd", "internal/cuda"},
	"op/optest":   {"op", "internal/engine", "internal/sizes", "cuda", "internal/cuda", "internal/cuda/fake"},
	"internal/op": {},
	"internal/op/*": {"op/launch", "internal/sizes", "op", "internal/op", "internal/build", "internal/par",
		"internal/lin", "internal/fourier", "internal/simd", "internal/cuda"},
	"internal/engine": {"nn/profile", "op/launch", "internal/given", "internal/sizes", "op", "internal/build",
		"internal/par", "internal/lin", "internal/simd", "internal/cuda"},

	// The public layers. An optimizer knows parameters, not layers.
	"nn": {"internal/dense", "nn/profile", "op/launch", "internal/given", "internal/sizes", "op", "internal/op/*",
		"internal/engine", "internal/build", "internal/par", "internal/lin", "internal/simd", "cuda",
		"internal/cuda"},
	"nn/profile": {},
	"nn/*": {"op", "internal/op/*", "internal/build", "internal/sizes", "internal/lin", "internal/par",
		"internal/simd", "nn"},
	"layers":        {"internal/given", "internal/sizes", "nn", "nn/*", "sparse", "internal/build"},
	"layers/csc":    {"internal/sizes", "nn", "nn/*", "layers", "internal/build"},
	"layers/pudle":  {"internal/sizes", "nn", "nn/*", "layers", "layers/csc", "internal/build"},
	"losses":        {"internal/matrix", "internal/given", "internal/sizes", "nn", "nn/*", "internal/build"},
	"layers/tokens": {"internal/given", "internal/sizes", "nn", "nn/*", "layers", "internal/build"},
	"optim": {"internal/dense", "internal/given", "internal/sizes", "op", "internal/op/adam",
		"internal/op/update", "nn",
		"internal/simd"},
	"gradcheck": {"nn"},
	// models knows metrics, which has no graph: a file of a model keeps what makes classes of its outputs.
	"models": {"metrics", "internal/given", "internal/sizes", "layers", "layers/tokens", "nn", "nn/*", "internal/build",
		"data", "internal/safetensors"}, // a file holds a network with the preparation of its samples
	// redunet shows its layers to the hooks of train.
	"redunet": {"train",
		"internal/dense", "op", "op/launch", "internal/given", "internal/sizes", "models", "layers", "nn",
		"nn/*", "data",
		"internal/lin", "internal/par", "internal/simd", "internal/tell", "cuda", "internal/cuda"},
	"train": {"internal/dense", "internal/given", "internal/sizes", "nn", "nn/*", "layers", "losses", "optim",
		"data", "metrics",
		"sparse", "internal/safetensors", "internal/atomicfile", "internal/tell"},

	// Programs. Examples and experiments are written as a user would, from public packages.
	"internal/experiment":   {"cuda", "train", "internal/rundir", "internal/atomicfile"},
	"internal/experiment/*": append([]string{"internal/experiment"}, public...),
	"examples":              {},
	"examples/*":            append([]string{"internal/experiment/*"}, public...),
	"cmd/whitebox":          append([]string{"internal/experiment", "internal/experiment/*"}, public...),
	"bench":                 append([]string{"internal/*"}, public...),
	"internal/campaign":     {"internal/rundir", "internal/safetensors"},
	"cuda/archive":          {},
	"cuda/archive/onsite":   {"cuda", "report"},
	"internal/conformance":  append([]string{"internal/build"}, public...),
}

// public are the packages that users import.
var public = []string{
	"gradcheck", "op", "op/launch", "op/optest", "nn", "nn/*", "layers", "layers/csc", "layers/pudle",
	"layers/tokens", "losses",
	"optim", "models",
	"train", "redunet", "data", "metrics", "sparse", "coding", "subspace", "report", "cuda", "openblas",
	"internal/atomicfile",
}

// plain are the packages that compute on slices and files alone.
var plain = []string{
	"internal/atomicfile", "internal/par", "internal/simd", "internal/sizes", "internal/given", "internal/fourier",
	"internal/distance",
	"internal/lin", "internal/safetensors", "sparse", "coding", "subspace", "metrics", "report", "op/launch",
	"nn/profile", "cuda", "internal/cuda", "openblas",
}

// banned are packages that only the listed ones of ours may import, and why.
var banned = []struct{ path, why string }{
	{"math/rand", "use math/rand/v2 with a seed"},
	{"log", "return an error, or take a log/slog.Logger"},
	{"testing", "only tests, optest and internal/cuda/fake test"},
	{"github.com/stretchr/testify/*", "only tests, optest and internal/cuda/fake test"},
	{"pgregory.net/rapid", "only tests, optest and internal/cuda/fake test"},
}

var importRules = []rule{{
	name:  "imports go down",
	why:   "the table in internal/arch/imports_test.go says who may import whom; see docs/architecture.md",
	check: checkImports,
	bites: []map[string]string{{
		"nn/a.go": `package nn
import "github.com/whitebox-nn/whitebox/internal/op/gram"
import "github.com/whitebox-nn/whitebox/layers" // BAD
`,
		"internal/op/gram/op.go": `package gram
import "github.com/whitebox-nn/whitebox/op"
import "github.com/whitebox-nn/whitebox/internal/op/rate" // BAD
`,
		"internal/op/gram/op_test.go": `package gram_test
import "github.com/whitebox-nn/whitebox/nn"
`,
		"unheard/a.go": "package unheard // BAD\n",
		"op/optestx/a": "not Go",
		"examples/compare/main.go": `package main
import "github.com/whitebox-nn/whitebox/train"
import "github.com/whitebox-nn/whitebox/internal/engine" // BAD
`,
	}},
}, {
	name:  "plain packages do not know Gorgonia",
	why:   "what computes on slices and files can then be used, and tested, without a graph",
	check: checkPlain,
	bites: []map[string]string{{
		"report/a.go":      "package report\nimport \"gorgonia.org/tensor\" // BAD\n",
		"report/a_test.go": "package report\nimport \"gorgonia.org/tensor\"\n",
		"nn/a.go":          "package nn\nimport \"gorgonia.org/tensor\"\n",
	}},
}, {
	name:  "no banned packages",
	why:   "no hidden state, and nothing of tests in programs",
	check: checkBanned,
	bites: []map[string]string{{
		"nn/a.go": "package nn\nimport \"math/rand\" // BAD\nimport \"math/rand/v2\"\nimport " +
			"\"log/slog\"\nimport \"log\" // BAD\n",
		"nn/a_test.go": "package nn\nimport \"math/rand\" // BAD\nimport \"testing\"\n",
		"nn/b.go": "package nn\nimport \"github.com/stretchr/testify/require\" // BAD\nimport \"testing\" " +
			"// BAD\n",
		"op/optest/a.go": "package optest\nimport \"github.com/stretchr/testify/require\"\nimport \"testing\"\n",
	}},
}}

func checkImports(m *module, report reporter) {
	for _, p := range m.packages {
		allowed, known := lookup(p.path)
		for _, f := range p.files {
			if !known {
				report(m.fset.Position(f.Package), "package %s is not in the table", p.path)
			}
			for _, imp := range f.Imports {
				dep, ours := strings.CutPrefix(importPath(imp), modulePath+"/")
				if known && ours && !slices.ContainsFunc(allowed, func(a string) bool { return matches(a, dep) }) {
					report(m.fset.Position(imp.Pos()), "%s must not import %s", p.path, dep)
				}
			}
		}
	}
}

func checkPlain(m *module, report reporter) {
	for _, p := range m.packages {
		for _, f := range p.files {
			for _, imp := range f.Imports {
				if gorgonia(imp) && slices.Contains(plain, p.path) {
					report(m.fset.Position(imp.Pos()), "%s must not import %s", p.path, importPath(imp))
				}
			}
		}
	}
}

func gorgonia(imp *ast.ImportSpec) bool { return strings.HasPrefix(importPath(imp), "gorgonia.org/") }

func checkBanned(m *module, report reporter) {
	for _, p := range m.packages {
		for _, f := range slices.Concat(p.files, p.tests) {
			test := p.path == "op/optest" || p.path == "internal/cuda/fake" || slices.Contains(p.tests, f)
			for _, imp := range f.Imports {
				for _, b := range banned {
					forTests := strings.HasPrefix(b.why, "only tests")
					if matches(b.path, importPath(imp)) && !(test && forTests) {
						report(m.fset.Position(imp.Pos()), "%s: %s", b.path, b.why)
					}
				}
			}
		}
	}
}

// lookup returns what package pkg may import, and whether the table has it: a row of its
// own, or else that of a pattern.
func lookup(pkg string) ([]string, bool) {
	if allowed, ok := may[pkg]; ok {
		return allowed, true
	}
	for pattern, allowed := range may {
		if matches(pattern, pkg) {
			return allowed, true
		}
	}
	return nil, false
}

func matches(pattern, pkg string) bool {
	if dir, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(pkg, dir)
	}
	return pattern == pkg
}
