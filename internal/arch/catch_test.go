package arch

import (
	"go/ast"
	"go/types"
	"slices"
)

var catchRules = []rule{{
	name: "Must is caught",
	why: "what build.Must abandons is a panic until build.Catch makes it the function's error: start with defer " +
		"build.Catch(&err, …)",
	check: checkCatch,
	bites: []map[string]string{{
		"layers/a.go": `package layers
import "github.com/whitebox-nn/whitebox/internal/build"
import "text/template"
func Other() { template.Must(nil, nil) }
func Good() (err error) {
	defer build.Catch(&err, "layers")
	return build.Must(1, helper())
}
func Guarded(x *int) (err error) {
	if x == nil {
		return other("x")
	}
	defer build.Catch(&err, "layers")
	return build.Must(1, helper())
}
func MustInGuard(x *int) (err error) { // BAD
	if x == nil {
		return build.Must(1, nil)
	}
	defer build.Catch(&err, "layers")
	return nil
}
func CallInGuard() (err error) { // BAD
	if helper() != nil {
		return nil
	}
	defer build.Catch(&err, "layers")
	return nil
}
func other(string) error { return nil }
func Late() (err error) { // BAD
	build.Check(nil)
	defer build.Catch(&err, "layers")
	return nil
}
func Bare() { build.Must(1, nil) } // BAD
func Through() error { return helper() } // BAD
func Value() func() error { return t{}.helper } // BAD
func Within() { func() (err error) { defer build.Catch(&err, "x"); build.Check(nil); return }() }
func Caught() error { return caught() }
type t struct{}
func (t) Method() { build.Must(1, nil) } // BAD
func (t) helper() error { return helper() }
func Generic[T any]() { generic[T]() } // BAD
func generic[T any]() { build.Check(nil) }
func caught() (err error) {
	defer build.Catch(&err, "layers")
	return helper()
}
`,
		"models/a.go": `package models
import "github.com/whitebox-nn/whitebox/nn"
func Good() (err error) {
	defer nn.Catch(&err, "models")
	return nn.Must(1, nil)
}
func Bare() { nn.Must(1, nil) } // BAD
`,
		"nn/must.go": `package nn
import "github.com/whitebox-nn/whitebox/internal/build"
func Must(n int, err error) int { return build.Must(n, err) }
func Catch(err *error, format string, args ...any) {}
func Bare() { Must(1, nil) } // BAD
`,
		"layers/b.go": `package layers
import "github.com/whitebox-nn/whitebox/internal/build"
func helper() error { return inner() }
func inner() error { build.Check(nil); return nil }
`,
	}},
}}

// checkCatch reports exported functions and methods that a Must or Check can
// leave as a panic: their own, or one of a function of the package that they use
// and that does not catch it.
func checkCatch(m *module, report reporter) {
	for _, p := range m.packages {
		if p.path == "internal/build" || p.path == "op" { // op catches what a Spec's Grad abandons
			continue
		}
		leaks := map[types.Object]bool{}
		for grown := true; grown; {
			grown = false
			functions(p, func(fn *ast.FuncDecl) {
				if of := p.info.Defs[fn.Name]; fn.Body != nil && !leaks[of] && p.leaks(fn.Body, leaks) {
					leaks[of], grown = true, true
				}
			})
		}
		functions(p, func(fn *ast.FuncDecl) {
			if p.path == "nn" && fn.Recv == nil && fn.Name.Name == "Must" { // it is build.Must for users
				return
			}
			if fn.Name.IsExported() && leaks[p.info.Defs[fn.Name]] {
				report(m.fset.Position(fn.Pos()), "%s does not catch", fn.Name.Name)
			}
		})
	}
}

// leaks reports whether body, or one of the known leaks that it uses, calls
// Must or Check without catching.
func (p *pkg) leaks(body *ast.BlockStmt, known map[types.Object]bool) (found bool) {
	if p.catches(body) {
		return false
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return !p.catches(n.Body)
		case *ast.Ident:
			if fn, ok := p.info.Uses[n].(*types.Func); ok {
				found = found || known[fn.Origin()]
			}
		case *ast.SelectorExpr:
			found = found || p.isBuild(n, "Must", "Check")
		}
		return !found
	})
	return found
}

// catches reports whether body starts with defer build.Catch, but for conditions that
// refuse before.
func (p *pkg) catches(body *ast.BlockStmt) bool {
	for _, s := range body.List {
		if !p.refuses(s) {
			d, ok := s.(*ast.DeferStmt)
			return ok && p.isBuild(d.Call.Fun, "Catch")
		}
	}
	return false
}

// refuses reports whether s returns if a condition holds that calls nothing but built-in functions, such as
// that a receiver is nil, which Catch could not even name, and uses no Must.
func (p *pkg) refuses(s ast.Stmt) bool {
	guard, ok := s.(*ast.IfStmt)
	if !ok || guard.Init != nil || guard.Else != nil || len(guard.Body.List) != 1 {
		return false
	}
	_, returns := guard.Body.List[0].(*ast.ReturnStmt)
	ast.Inspect(guard, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			returns = returns && !p.isBuild(n, "Must", "Check")
		case *ast.FuncLit:
			returns = false
		}
		return returns
	})
	ast.Inspect(guard.Cond, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		returns = returns && (!ok || p.builtin(call) != "")
		return returns
	})
	return returns
}

// isBuild reports whether n is one of those functions of package build.
func (p *pkg) isBuild(n ast.Node, names ...string) bool {
	path, name := p.qualified(n)
	return (path == modulePath+"/internal/build" || path == modulePath+"/nn") && slices.Contains(names, name)
}
