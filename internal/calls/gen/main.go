// Command gen writes the table of all exported functions and types of the public
// packages, which reflection cannot list.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const module = "github.com/whitebox-nn/whitebox"

// A listing is what the table holds of one package.
type listing struct {
	name      string
	functions []string
	types     []string
	params    []string

	constraints map[string]bool // types that no variable can have
}

func main() {
	root := flag.String("root", "../..", "the module's `folder`")
	out := flag.String("out", "table_test.go", "the `file` to write")
	flag.Parse()
	if err := run(*root, *out); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}

func run(root, out string) error {
	folders, err := public(root)
	if err != nil {
		return err
	}
	var lists []*listing
	var imports []string
	for _, dir := range folders {
		l, err := list(filepath.Join(root, dir))
		if err != nil {
			return err
		}
		if l != nil {
			lists = append(lists, l)
			imports = append(imports, path.Join(module, filepath.ToSlash(dir)))
		}
	}
	text, err := format.Source(table(imports, lists))
	if err != nil {
		return err
	}
	return os.WriteFile(out, text, 0o644)
}

// public returns the folders whose packages others can import, by the rule of
// the go command, but for those that are programs or hold only tests' helpers.
func public(root string) (folders []string, err error) {
	err = filepath.WalkDir(root, func(dir string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, dir)
		switch base := d.Name(); {
		case err != nil:
			return err
		case rel == ".":
			return nil
		case slices.Contains([]string{"internal", "testdata", "examples", "fake"}, base),
			strings.ContainsAny(base[:1], "._"):
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.SkipDir
		}
		folders = append(folders, rel)
		return nil
	})
	return folders, err
}

// list returns what the package in dir exports in a build without tags, or nil if
// there is none.
func list(dir string) (*listing, error) {
	pkg, err := build.ImportDir(dir, 0)
	if _, none := err.(*build.NoGoError); none || err == nil && pkg.Name == "main" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	l := &listing{name: pkg.Name, constraints: map[string]bool{}}
	var files []*ast.File
	for _, file := range pkg.GoFiles {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, file), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		l.constrain(f)
	}
	for _, f := range files {
		for _, d := range f.Decls {
			l.add(d)
		}
	}
	slices.Sort(l.functions)
	slices.Sort(l.types)
	slices.Sort(l.params)
	return l, nil
}

// add lists what d declares.
func (l *listing) add(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		of := receiver(d)
		if !d.Name.IsExported() || d.Recv != nil && !ast.IsExported(of) {
			return
		}
		key := l.name + "." + d.Name.Name
		if of != "" {
			key = l.name + "." + of + "." + d.Name.Name
		}
		l.params = append(l.params, fmt.Sprintf("%q: %s,", key, literal(parameters(d))))
		for _, args := range instances(d.Type.TypeParams) {
			if of == "" {
				l.functions = append(l.functions, fmt.Sprintf("{%q, %s},", key+args, key+args))
			}
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			s, ok := s.(*ast.TypeSpec)
			if !ok || !s.Name.IsExported() {
				continue
			}
			for _, args := range instances(s.TypeParams) {
				key := l.name + "." + s.Name.Name + args
				if !l.constraints[s.Name.Name] {
					l.types = append(l.types, fmt.Sprintf("{%q, reflect.TypeFor[%s]()},", key, key))
				}
			}
		}
	}
}

// constrain finds the names that stand as constraints of type parameters in f.
func (l *listing) constrain(f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		var params *ast.FieldList
		switch n := n.(type) {
		case *ast.FuncType:
			params = n.TypeParams
		case *ast.TypeSpec:
			params = n.TypeParams
		}
		if params == nil {
			return true
		}
		for _, p := range params.List {
			if id, ok := p.Type.(*ast.Ident); ok {
				l.constraints[id.Name] = true
			}
		}
		return true
	})
}

// instances returns the type arguments to take for type parameters: float32 and
// float64, or the interface of another package that constrains one.
func instances(params *ast.FieldList) []string {
	if params.NumFields() == 0 {
		return []string{""}
	}
	var all []string
	for _, t := range []string{"float32", "float64"} {
		var args []string
		for _, p := range params.List {
			arg := t
			if s, ok := p.Type.(*ast.SelectorExpr); ok {
				arg = fmt.Sprintf("%v.%s", s.X, s.Sel.Name)
			}
			args = append(args, slices.Repeat([]string{arg}, len(p.Names))...)
		}
		all = append(all, "["+strings.Join(args, ", ")+"]")
	}
	return all
}

// receiver returns the name of the type whose method d is, or "".
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// parameters returns the names of d's parameters.
func parameters(d *ast.FuncDecl) []string {
	names := []string{}
	for _, f := range d.Type.Params.List {
		if len(f.Names) == 0 {
			names = append(names, "_")
		}
		for _, id := range f.Names {
			names = append(names, id.Name)
		}
	}
	return names
}

// literal returns the literal of a slice, a name a line if it is long.
func literal(names []string) string {
	text := fmt.Sprintf("%#v", names)
	if len(text) < 60 {
		return text
	}
	return strings.NewReplacer("{", "{\n", ", ", ",\n", "}", ",\n}").Replace(text)
}

// table returns the text of the file.
func table(imports []string, lists []*listing) []byte {
	var b bytes.Buffer
	b.WriteString("// Code generated by internal/calls/gen. DO NOT EDIT.\n\n// After a change of what is exported: " +
		"go generate ./internal/calls\n\npackage calls\n\nimport (\n\"reflect\"\n\n")
	for _, path := range imports {
		fmt.Fprintf(&b, "%q\n", path)
	}
	b.WriteString(")\n")
	part := func(title, declaration string, of func(*listing) []string) {
		fmt.Fprintf(&b, "\n// %s\n%s{\n", title, declaration)
		for _, l := range lists {
			for _, line := range of(l) {
				fmt.Fprintln(&b, line)
			}
		}
		b.WriteString("}\n")
	}
	part("exportedFunctions are those of the public packages.", "var exportedFunctions = []exportedFunction",
		func(l *listing) []string { return l.functions })
	part("exportedTypes are those of the public packages.", "var exportedTypes = []exportedType",
		func(l *listing) []string { return l.types })
	part("parameterNames are those of functions and methods.", "var parameterNames = map[string][]string",
		func(l *listing) []string { return l.params })
	return b.Bytes()
}
