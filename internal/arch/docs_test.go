package arch

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

var docRules = []rule{{
	name:  "every package says what it is",
	why:   "a package has one comment, which starts with “Package name” (or “Command name”)",
	check: checkPackageDocs,
	bites: []map[string]string{{
		"nn/a.go":        "// Package nn is.\npackage nn\n",
		"nn/b.go":        "package nn\n",
		"nn/a_test.go":   "package nn_test\n",
		"only/a_test.go": "package only_test\n",
		"optim/a.go":     "package optim // BAD\n",
		"losses/a.go":    "// Losses are.\npackage losses // BAD\n",
		"data/a.go":      "// Package data is.\npackage data\n",
		"data/b.go":      "// Package data is.\npackage data // BAD\n",
		"bench/main.go":  "// Command bench is.\npackage main\n",
	}},
}, {
	name:  "every public name says what it is",
	why:   "an exported name of a public package has a comment that starts with it; see docs/style.md",
	check: checkDocs,
	bites: []map[string]string{{
		"nn/a.go": `package nn

// F does.
func F() {}
func G() {} // BAD
// It does.
func H() {} // BAD
func i() {}

// A T is.
type T struct{}
type U struct{} // BAD
func (T) M() {} // BAD
// N does.
func (*T) N() {}
type hidden struct{}
func (hidden) M() {}
func (V[K]) M() {} // BAD
// V is.
type V[K any] struct{}

// Colours.
const (
	Red = iota
	Blue
)
const (
	Cyan = iota // is between
	PinkBAD
	// is light
	Grey
)
const Green = 1 // BAD
var ErrA = 1 // ErrA is
var (
	ErrB = 1 // BAD
	// ErrC is.
	ErrC = 1
)
`,
		"nn/a_test.go":         "package nn\nfunc F() {}\n",
		"internal/engine/a.go": "package engine\nfunc F() {}\n",
		"bench/main.go":        "package main\nfunc F() {}\n",
	}},
}}

func checkPackageDocs(m *module, report reporter) {
	for _, p := range m.packages {
		documented := false
		for _, f := range p.files {
			switch start, ok := strings.CutPrefix(f.Doc.Text(), "Package "+p.name+" "); {
			case f.Doc == nil:
				continue
			case documented:
				report(m.fset.Position(f.Package), "package %s has a second comment", p.path)
			case !ok && p.name != "main", p.name == "main" && !strings.HasPrefix(start, "Command "):
				report(m.fset.Position(f.Package), "the comment of package %s starts with something else", p.path)
			}
			documented = true
		}
		if !documented && len(p.files) > 0 {
			report(m.fset.Position(p.files[0].Package), "package %s has no comment", p.path)
		}
	}
}

func checkDocs(m *module, report reporter) {
	for _, p := range m.packages {
		if !p.public() {
			continue
		}
		for _, f := range p.files {
			for _, d := range f.Decls {
				for _, id := range undocumented(d) {
					report(m.fset.Position(id.Pos()), "%s has no comment that starts with its name", id.Name)
				}
			}
		}
	}
}

// undocumented returns the exported names of d without a comment of their own.
func undocumented(d ast.Decl) (names []*ast.Ident) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && exportedReceiver(d) && !documents(d.Name, d.Doc) {
			names = append(names, d.Name)
		}
	case *ast.GenDecl:
		group := d.Tok == token.CONST && d.Lparen.IsValid() // whose comments need not start with names
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && !documents(s.Name, d.Doc, s.Doc) {
					names = append(names, s.Name)
				}
			case *ast.ValueSpec:
				for _, id := range s.Names {
					said := documents(id, d.Doc, s.Doc, s.Comment) || group && (d.Doc != nil || s.Doc != nil ||
						s.Comment != nil)
					if id.IsExported() && !said {
						names = append(names, id)
					}
				}
			}
		}
	}
	return names
}

// exportedReceiver reports whether fn is a function or a method of an exported
// type.
func exportedReceiver(fn *ast.FuncDecl) bool {
	if fn.Recv == nil {
		return true
	}
	exported := false
	ast.Inspect(fn.Recv.List[0].Type, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		exported = exported || ok && id.IsExported()
		return !ok
	})
	return exported
}

// documents reports whether one of the comments starts with the name.
func documents(id *ast.Ident, comments ...*ast.CommentGroup) bool {
	return slices.ContainsFunc(comments, func(c *ast.CommentGroup) bool {
		words := strings.FieldsFunc(c.Text(), func(r rune) bool { return strings.ContainsRune(" \n,:.'’(", r) })
		if len(words) > 1 && slices.Contains([]string{"A", "An", "The"}, words[0]) {
			words = words[1:]
		}
		return len(words) > 0 && words[0] == id.Name
	})
}
