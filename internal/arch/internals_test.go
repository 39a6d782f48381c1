package arch

import (
	"go/ast"
	"strings"
)

var internalsRules = []rule{{
	name: "no internals in public",
	why: "a public declaration that is an alias of, embeds or shows a type of an internal package cannot be " +
		"written or read by users: give it a type of its own",
	check: checkInternals,
	bites: []map[string]string{{
		"nn/a.go": `package nn
import "github.com/whitebox-nn/whitebox/internal/engine"
import "github.com/whitebox-nn/whitebox/op"
type BLAS = engine.BLAS // BAD
type Mode engine.Mode // BAD
type Program struct {
	*engine.Program // BAD
	Plan []engine.Plan // BAD
	run *engine.Program
	op.Op
}
type Vocabulary interface {
	Run(p *engine.Program) error // BAD
	run(p *engine.Program)
}
type hidden struct{ Plan engine.Plan }
func (h hidden) Do(engine.Plan) {}
func Compile() *engine.Program { return nil } // BAD
func compile() *engine.Program { return nil }
func (p *Program) Each(f func(engine.Op)) {} // BAD
func (p *Program) each(f func(engine.Op)) {}
func Body() error { var p engine.Program; return p.Run() }
var Default engine.Plan // BAD
const First engine.Mode = 1 // BAD
const Second Mode = Mode(engine.Second)
`,
		"nn/a_test.go": "package nn\nimport \"github.com/whitebox-nn/whitebox/internal/engine\"\ntype T = " +
			"engine.Plan\n",
		"internal/lin/a.go": "package lin\nimport \"github.com/whitebox-nn/whitebox/internal/par\"\ntype P = " +
			"par.Pool\n",
		"examples/own/cmd.go": "package main\nimport \"github.com/whitebox-nn/whitebox/internal/par\"\ntype P = " +
			"par.Pool\n",
	}},
}}

// checkInternals reports what exported declarations of public packages say of types of
// internal packages.
func checkInternals(m *module, report reporter) {
	for _, p := range m.packages {
		if !p.public() {
			continue
		}
		shows := func(n ast.Node) {
			ast.Inspect(n, func(n ast.Node) bool {
				if path, name := p.qualified(n); strings.HasPrefix(path, modulePath+"/internal/") {
					report(m.fset.Position(n.Pos()), "shows %s of %s", name, strings.TrimPrefix(path, modulePath+"/"))
				}
				return true
			})
		}
		for _, f := range p.files {
			for _, d := range f.Decls {
				checkDeclaration(d, shows)
			}
		}
	}
}

// checkDeclaration calls shows with each part of d that others see.
func checkDeclaration(d ast.Decl, shows func(ast.Node)) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && exportedReceiver(d) {
			signature(d.Type, shows)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					members(s.Type, shows)
				}
			case *ast.ValueSpec:
				if s.Type != nil && anyExported(s.Names) {
					shows(s.Type)
				}
			}
		}
	}
}

// signature calls shows with the types of parameters and results.
func signature(t *ast.FuncType, shows func(ast.Node)) {
	for _, list := range []*ast.FieldList{t.TypeParams, t.Params, t.Results} {
		if list == nil {
			continue
		}
		for _, f := range list.List {
			shows(f.Type)
		}
	}
}

// members calls shows with the types of t's exported and embedded members, or with t.
func members(t ast.Expr, shows func(ast.Node)) {
	var list *ast.FieldList
	switch t := t.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	default:
		shows(t)
		return
	}
	for _, f := range list.List {
		if len(f.Names) == 0 || anyExported(f.Names) {
			shows(f.Type)
		}
	}
}

func anyExported(names []*ast.Ident) bool {
	for _, id := range names {
		if id.IsExported() {
			return true
		}
	}
	return false
}
