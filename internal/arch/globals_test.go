package arch

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// globals are the variables of packages that may change, by name or by type, and
// why.
var globals = []struct{ name, why string }{
	{"internal/simd.active", "the instruction set in use is a property of the process, as the processor is"},
	{"internal/lin.chosen", "the library that multiplies is a property of the process, as the instruction set is"},
	{"internal/simd.kernels32", "a table whose rows are given out by address, and read only"},
	{"internal/simd.kernels64", "a table whose rows are given out by address, and read only"},
	{"internal/simd.norms32", "as kernels32"},
	{"internal/simd.norms64", "as kernels64"},
	{"internal/simd.wides32", "a table whose rows are given out by address, and read only"},
	{"internal/simd.wides64", "a table whose rows are given out by address, and read only"},
	{"internal/par.Cache", "a cache of buffers, whose content is never seen"},
}

// A package's variable is constant in all but name if it is set where it is
// declared, and nothing in the package can change it afterwards: no assignment
// to it or to a part of it, no address taken, and no type that is made to
// change. What a callee does with a map or a slice that it is given is beyond
// this rule.
var globalRules = []rule{{
	name:  "no variables of packages",
	why:   "no hidden state: put it in a struct that the caller holds, or make it a table that never changes",
	check: checkGlobals,
	bites: []map[string]string{{
		"nn/a.go": `package nn
import "errors"
import "sync"
var ErrInput = errors.New("bad input")
var _ I = T{}
var names = []string{"a"}
var squares = table()
var build = func() []int { return make([]int, 1) }
var count int // BAD
var Default = 3 // BAD
var mu = &sync.Mutex{} // BAD
var pool = sync.Pool{} // BAD
var cache = make(map[string]int) // BAD
var a, b = 1, 2
//go:embed a.txt
var text string
func f(local int) {
	local = 1
	names := []string{}
	names[0] = "b"
	_, _ = local, names
}
`,
		"nn/b.go": `package nn
func g() {
	names[0] = "b" // BAD
	squares.x[1] = 2 // BAD
	a++ // BAD
	ErrInput = nil // BAD
	for b = range 3 {} // BAD
	p := &names // BAD
	clear(names) // BAD
	copy(names[1:], *p) // BAD
	_ = names[0] + squares.x[1]
}
`,
		"internal/lin/a.go": "package lin\nimport \"github.com/whitebox-nn/whitebox/internal/par\"\nvar grams " +
			"par.Cache[int]\nvar caches []par.Cache[int] // BAD\nvar other par.Pool // BAD\nfunc f() { g(&grams) }\n",
		"internal/simd/a.go": "package simd\nimport \"sync/atomic\"\nvar active atomic.Uint32\nvar other " +
			"atomic.Uint32 // BAD\n",
	}},
}}

func checkGlobals(m *module, report reporter) {
	for _, p := range m.packages {
		for _, f := range p.files {
			for _, d := range f.Decls {
				if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
					for _, s := range d.Specs {
						checkGlobal(m, p, d, s.(*ast.ValueSpec), report)
					}
				}
			}
			ast.Inspect(f.File, func(n ast.Node) bool {
				for _, written := range writes(p, n) {
					if name := p.global(written); name != "" {
						report(m.fset.Position(n.Pos()), "changes the package's variable %s", name)
					}
				}
				return true
			})
		}
	}
}

// checkGlobal reports the variables of a declaration that are there to change.
func checkGlobal(m *module, p *pkg, d *ast.GenDecl, s *ast.ValueSpec, report reporter) {
	for _, id := range s.Names {
		at := m.fset.Position(id.Pos())
		switch {
		case id.Name == "_" || p.mayChange(id.Name) || embeds(d.Doc) || embeds(s.Doc):
		case len(s.Values) == 0:
			report(at, "variable %s has no value where it is declared", id.Name)
		case ast.IsExported(id.Name) && !strings.HasPrefix(id.Name, "Err"):
			report(at, "variable %s can be changed by other packages", id.Name)
		case slices.ContainsFunc(s.Values, p.changes):
			report(at, "variable %s is of a type that is made to change", id.Name)
		}
	}
}

// mayChange reports whether the package's variable of that name is one of globals,
// by its own name or by that of its type.
func (p *pkg) mayChange(name string) bool {
	names := []string{p.path + "." + name, strings.TrimPrefix(p.typeOf(name), modulePath+"/")}
	return slices.ContainsFunc(globals, func(g struct{ name, why string }) bool {
		return slices.Contains(names, g.name)
	})
}

// typeOf returns the type that the declaration of a package's variable takes from
// another package, as in path/of/par.Cache, without its type arguments, or "".
func (p *pkg) typeOf(name string) (found string) {
	for _, f := range p.files {
		for _, d := range f.Decls {
			d, ok := d.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, s := range d.Specs {
				s := s.(*ast.ValueSpec)
				if !slices.ContainsFunc(s.Names, func(id *ast.Ident) bool { return id.Name == name }) {
					continue
				}
				t := ast.Node(s.Type)
				if generic, ok := t.(*ast.IndexExpr); ok {
					t = generic.X
				}
				if path, typ := p.qualified(t); path != "" {
					return path + "." + typ
				}
			}
		}
	}
	return ""
}

// changes reports whether a value is of use only if it changes: made empty, or
// of a type of package sync.
func (p *pkg) changes(value ast.Expr) (found bool) {
	ast.Inspect(value, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && slices.Contains([]string{"make", "new"}, p.builtin(call)) {
			found = true
		}
		path, _ := p.qualified(n)
		found = found || path == "sync" || path == "sync/atomic"
		_, isFunc := n.(*ast.FuncLit)
		return !found && !isFunc
	})
	return found
}

func embeds(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List,
		func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// writes returns the operands that statement or expression n writes to, or takes
// the address of.
func writes(p *pkg, n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			return []ast.Expr{n.Key, n.Value}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if slices.Contains([]string{"delete", "clear", "copy"}, p.builtin(n)) {
			return n.Args[:1]
		}
	}
	return nil
}

// global returns the name of the package's variable that x is, or is part of,
// or "".
func (p *pkg) global(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		if v, ok := p.info.Uses[x].(*types.Var); ok && v.Parent() == p.scope && !p.mayChange(x.Name) {
			return x.Name
		}
	case *ast.ParenExpr:
		return p.global(x.X)
	case *ast.IndexExpr:
		return p.global(x.X)
	case *ast.SliceExpr:
		return p.global(x.X)
	case *ast.SelectorExpr:
		return p.global(x.X)
	case *ast.StarExpr:
		return p.global(x.X)
	}
	return ""
}
