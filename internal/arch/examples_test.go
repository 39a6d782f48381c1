package arch

import (
	"go/ast"
	"slices"
	"strings"
)

// exampled are the packages whose main types have a runnable Example each: the types T that NewT makes.
var exampled = []string{"nn", "layers", "layers/csc", "losses", "optim", "train", "models", "data", "metrics", "report",
	"sparse", "subspace", "coding"}

// shownElsewhere are the types without an Example of their own, and where they are shown.
var shownElsewhere = map[string]string{
	"data.Batches":            "in ExampleNew",
	"data.FirstBatches":       "train.Loop.OverfitBatches and compare's demonstrations are what uses it",
	"data.Prefetch":           "in ExampleNewAugmented",
	"data.Reconstruct":        "its samples are its targets, and it is used like the source that it wraps",
	"data.SparseStream":       "in docs/lista.md; SparseCodes is its set",
	"layers.ALISTA":           "made and used as LISTA: ExampleUnrolled",
	"layers.ConvTranspose2D":  "made as Conv2D",
	"layers.GLISTA":           "made and used as LISTA: ExampleUnrolled",
	"layers.LAMP":             "made and used as LISTA: ExampleUnrolled",
	"layers.LFISTA":           "made and used as LISTA: ExampleUnrolled",
	"layers.LIHT":             "made and used as LISTA: ExampleUnrolled",
	"layers.LISTACP":          "made and used as LISTA: ExampleUnrolled",
	"layers.PReLU":            "one parameter: made as LayerNorm",
	"layers.RandomConv":       "the lifting of models.ReduNet, which makes it",
	"layers.ReduNet":          "a layer of models.ReduNet, which makes it",
	"layers.StepLISTA":        "made and used as LISTA: ExampleUnrolled",
	"layers.TiLISTA":          "made and used as LISTA: ExampleUnrolled",
	"layers/csc.AllFree":      "made and used as MLISTA",
	"layers/csc.CSCNet":       "made and used as MLISTA",
	"layers/csc.LayeredBP":    "made and used as MLISTA",
	"layers/csc.MLFISTA":      "made and used as MLISTA",
	"layers/csc.MLLISTA":      "made and used as MLISTA",
	"layers/csc.SparseCoding": "made and used as layers.Conv2D",
	"layers/csc.TokenCoding":  "made and used as layers.Linear",
	"metrics.Linear":          "in ExampleProbe, which fits one",
	"metrics.Subspaces":       "in ExampleNearestSubspace, which fits one",
	"models.VGG11":            "made as ResNet",
	"nn.Accumulator":          "its comment has the loop, and train.Loop.Chunk uses it",
	"nn.Graph":                "in ExampleCompile",
	"nn.Param":                "in ExampleCompile",
	"nn.Update":               "what optim.NewRule is made of, see docs/extend.md",
	"optim.Adam":              "in the Example of package train, and made as SGD",
	"optim.EMA":               "train.EMA is the hook that uses it",
	"optim.Rule":              "docs/extend.md has one",
	"sparse.Matrix":           "in ExampleFISTA",
	"sparse.Support":          "the numbers of one comparison, which experiments print",
	"train.CSV":               "made and used as JSONL",
	"train.JSONL":             "examples/resume runs it",
	"train.Predictor":         "in the Example of the package",
	"train.SparseEval":        "internal/experiment/lista runs it",
	"train.Stopwatch":         "the experiments run it",
}

var exampleRules = []rule{{
	name: "main types have Examples",
	why: "a type that a New function makes has an Example with checked output, so that its page of documentation " +
		"shows how it is used; or internal/arch/examples_test.go says where else it is shown",
	check: checkExamples,
	bites: []map[string]string{{
		"nn/a.go": `package nn

type A struct{}
func NewA() *A { return nil }
type B struct{}
func NewB() *B { return nil } // BAD
type C struct{}
func NewC() *C { return nil }
type D struct{}
func NewOne() *D { return nil }
type Graph struct{}
func NewGraph() *Graph { return nil }
`,
		"nn/a_test.go":  "package nn_test\n\nfunc ExampleA_inWords() {}\nfunc ExampleNewC() {}\n",
		"redunet/a.go":  "package redunet\n\ntype A struct{}\nfunc NewA() *A { return nil }\n",
		"coding/a.go":   "package coding\n\nfunc NewX() {}\ntype Y struct{}\nfunc (Y) NewY() {}\n",
		"internal/a.go": "package internal\n\ntype A struct{}\nfunc NewA() *A { return nil }\n",
	}},
}}

// checkExamples reports constructors whose types no Example shows.
func checkExamples(m *module, report reporter) {
	for _, p := range m.packages {
		if !slices.Contains(exampled, p.path) {
			continue
		}
		shown := map[string]bool{}
		for _, f := range p.tests {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
					if name, ok := strings.CutPrefix(fn.Name.Name, "Example"); ok {
						name, _, _ = strings.Cut(strings.TrimPrefix(name, "New"), "_")
						shown[name] = true
					}
				}
			}
		}
		functions(p, func(fn *ast.FuncDecl) {
			name, ok := strings.CutPrefix(fn.Name.Name, "New")
			made := ok && fn.Recv == nil && p.scope.Lookup(name) != nil
			if made && !shown[name] && shownElsewhere[p.path+"."+name] == "" {
				report(m.fset.Position(fn.Pos()), "%s.%s has no Example", p.path, name)
			}
		})
	}
}
