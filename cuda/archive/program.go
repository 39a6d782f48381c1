package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// A program is one that holds the tests of many packages, and the commands among them.
// Go builds a program for each, which together are thirty times as large, so here all
// become packages that can be imported: an overlay shows the compiler each package's
// test files under other names, in it or in a folder of its own below it.
type program struct {
	root, work string
	overlay    map[string]string // path that the compiler sees: path of what is there
	imports    []string
	rows       []string // of the table of tests, Go
	commands   []string // of the table of commands
}

// buildProgram builds the program at out. Run by the name of a command it is that command.
func buildProgram(root, work, out string, packages []listed) error {
	p := &program{root: root, work: work, overlay: make(map[string]string)}
	for _, l := range packages {
		if err := p.add(l); err != nil {
			return errors.WithMessage(err, l.ImportPath)
		}
	}
	text, err := format.Source([]byte(p.source()))
	if err != nil {
		return errors.WithStack(err)
	}
	if err := p.show(filepath.Join(root, "archived", "main.go"), text); err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": p.overlay})
	if err != nil {
		return errors.WithStack(err)
	}
	file := filepath.Join(work, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o666); err != nil {
		return errors.WithStack(err)
	}
	return build(root, out, "./archived", "-overlay", file)
}

// build builds a command, stripped.
func build(root, out, command_ string, flags ...string) error {
	args := append([]string{"build", "-tags", tag, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", out},
		flags...)
	_, err := command(root, append(args, command_)...)
	return err
}

// show lets the compiler see a text at path.
func (p *program) show(path string, text []byte) error {
	file := filepath.Join(p.work, fmt.Sprintf("%d.go", len(p.overlay)))
	p.overlay[path] = file
	return errors.WithStack(os.WriteFile(file, text, 0o666))
}

// experiments is the folder of the packages whose Main is a command.
const experiments = "internal/experiment/"

// add adds the tests of a package.
func (p *program) add(l listed) error {
	var row bytes.Buffer
	below := filepath.Join(l.Dir, "archived")
	if l.Name == "main" { // cannot be imported: all of it becomes another package
		for _, file := range slices.Concat(l.GoFiles, l.TestGoFiles) {
			as := file
			if strings.HasSuffix(file, "_test.go") {
				as = "archived_" + plain(file)
			}
			if err := p.rename(filepath.Join(l.Dir, file), filepath.Join(below, as)); err != nil {
				return err
			}
		}
		if err := p.embed(below, l.Dir, slices.Concat(l.EmbedPatterns, l.TestEmbedPatterns)); err != nil {
			return err
		}
		if err := p.show(filepath.Join(below, "archived.go"),
			[]byte("package archived\n\nfunc Main() { main() }\n")); err != nil {
			return err
		}
		p.commands = append(p.commands, fmt.Sprintf("%q: c%d.Main,\n", filepath.Base(l.Dir), len(p.imports)))
		p.imports = append(p.imports, fmt.Sprintf("c%d %q\n", len(p.imports), l.ImportPath+"/archived"))
		if err := p.list(&row, l.Dir, l.TestGoFiles, l.ImportPath+"/archived"); err != nil {
			return err
		}
	} else {
		if name, is := strings.CutPrefix(l.short(), experiments); is { // a subcommand
			p.commands = append(p.commands, fmt.Sprintf(
				"%q: func() { os.Exit(c%d.Main(os.Args[1:], os.Stdout, os.Stderr)) },\n", name, len(p.imports)))
			p.imports = append(p.imports, fmt.Sprintf("c%d %q\n", len(p.imports), l.ImportPath))
		}
		for _, file := range l.TestGoFiles {
			p.overlay[filepath.Join(l.Dir, "archived_"+plain(file))] = filepath.Join(l.Dir, file)
		}
		if err := p.list(&row, l.Dir, l.TestGoFiles, l.ImportPath); err != nil {
			return err
		}
	}
	for _, file := range l.XTestGoFiles {
		p.overlay[filepath.Join(below, plain(file))] = filepath.Join(l.Dir, file)
	}
	if err := p.embed(below, l.Dir, l.XTestEmbedPatterns); err != nil {
		return err
	}
	if err := p.list(&row, l.Dir, l.XTestGoFiles, l.ImportPath+"/archived"); err != nil {
		return err
	}
	p.rows = append(p.rows,
		fmt.Sprintf("{Name: %q, Run: func() {\n%s testing.Main(regexp.MatchString, tests, nil, examples) }},\n",
			l.short(),
			"var tests []testing.InternalTest\nvar examples []testing.InternalExample\n"+row.String()))
	return nil
}

// embed shows files that are embedded, by their patterns, below the package too.
func (p *program) embed(below, dir string, patterns []string) error {
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			return errors.Errorf("go:embed %s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			rel, err := filepath.Rel(dir, file)
			if err != nil {
				return errors.WithStack(err)
			}
			p.overlay[filepath.Join(below, rel)] = file
		}
	}
	return nil
}

// plain returns the name of a file of tests as that of any file.
func plain(file string) string {
	return strings.TrimSuffix(strings.TrimSuffix(file, ".go"), "_test") + ".go"
}

// rename shows a file of package main as one of package archived.
func (p *program) rename(file, as string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return errors.WithStack(err)
	}
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, text, parser.PackageClauseOnly)
	if err != nil {
		return errors.WithStack(err)
	}
	at := set.Position(f.Name.Pos()).Offset
	return p.show(as, append(append(append([]byte{}, text[:at]...), "archived"...), text[at+len(f.Name.Name):]...))
}

// list adds to a row the tests and examples in some files, which are of a package that
// is imported by path.
func (p *program) list(row *bytes.Buffer, dir string, names []string, path string) error {
	if len(names) == 0 {
		return nil
	}
	set, files := token.NewFileSet(), []*ast.File(nil)
	for _, name := range names {
		f, err := parser.ParseFile(set, filepath.Join(dir, name), nil, parser.ParseComments)
		if err != nil {
			return errors.WithStack(err)
		}
		files = append(files, f)
	}
	alias := fmt.Sprintf("t%d", len(p.imports))
	used := false
	for _, f := range files {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || !isTest(fn.Name.Name, "Test") {
				continue
			}
			if fn.Name.Name == "TestMain" {
				return errors.Errorf("%s: TestMain cannot be one of many in a program", set.Position(fn.Pos()))
			}
			fmt.Fprintf(row, "tests = append(tests, testing.InternalTest{Name: %q, F: %s.%s})\n", fn.Name.Name, alias,
				fn.Name.Name)
			used = true
		}
	}
	for _, e := range doc.Examples(files...) {
		if e.Output == "" && !e.EmptyOutput {
			continue
		}
		fmt.Fprintf(row,
			"examples = append(examples, testing.InternalExample{Name: %q, F: %s.%s, Output: %q, Unordered: %v})\n",
			"Example"+e.Name, alias, "Example"+e.Name, e.Output, e.Unordered)
		used = true
	}
	if !used {
		alias = "_"
	}
	p.imports = append(p.imports, fmt.Sprintf("%s %q\n", alias, path))
	return nil
}

// isTest reports whether a function's name makes it a test, as go test sees it.
func isTest(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	r, _ := utf8.DecodeRuneInString(rest)
	return ok && (rest == "" || !unicode.IsLower(r))
}

// source returns the program's own file.
func (p *program) source() string {
	return "package main\n\nimport (\n\"os\"\n\"path/filepath\"\n\"regexp\"\n\"testing\"\n\n" + fmt.Sprintf("%q\n",
		modulePath+"/cuda/archive/onsite") +
		strings.Join(p.imports, "") + ")\n\nfunc main() {\nif run := commands()[filepath.Base(os.Args[0])]; run != " +
		"nil {\nrun()\nreturn\n}\nos.Exit(onsite.Main(os.Args[1:], os.Stdout, os.Stderr, packages()))\n}\n\n" +
		"func commands() map[string]func() {\nreturn map[string]func(){\n" + strings.Join(p.commands, "") + "}\n}\n\n" +
		"func packages() []onsite.Package {\nreturn []onsite.Package{\n" + strings.Join(p.rows, "") + "}\n}\n"
}
