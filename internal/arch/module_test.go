package arch

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const modulePath = "github.com/whitebox-nn/whitebox"

// A module is the source of the module: its text files and its packages.
type module struct {
	texts    map[string]string // by path, with slashes, from the module's root
	fset     *token.FileSet
	packages []*pkg // sorted by path
}

// A pkg is a package of the module. Files of all build constraints count.
type pkg struct {
	path  string // from the module's root; "." is the root
	name  string
	files []*source // without tests and generated files
	tests []*source
	info  *types.Info // of files: what their names mean within the package
	scope *types.Scope
}

// public reports whether others can import p.
func (p *pkg) public() bool {
	return p.name != "main" && p.path != "internal" && !strings.HasPrefix(p.path, "internal/")
}

// A source is a Go file.
type source struct {
	path string
	*ast.File
}

func importPath(imp *ast.ImportSpec) string {
	p, _ := strconv.Unquote(imp.Path.Value) // the parser has checked it
	return p
}

// load reads the module at root: its Go and go.mod files and, of the others,
// those that git tracks, or all where there is no git.
func load(t *testing.T, root string) *module {
	t.Helper()
	list, noGit := exec.Command("git", "-C", root, "ls-files", "-z").Output()
	tracked := strings.Split(string(list), "\x00")
	texts := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(root, file)
		if err != nil || relErr != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel == ".git" {
				return fs.SkipDir
			}
			return nil
		}
		if noGit == nil && path.Ext(rel) != ".go" && d.Name() != "go.mod" && !slices.Contains(tracked, rel) {
			return nil
		}
		b, err := os.ReadFile(file)
		if os.IsNotExist(err) { // a test of another package has just removed it
			return nil
		}
		if bytes.IndexByte(b, 0) < 0 {
			texts[rel] = string(b)
		}
		return err
	}))
	m, err := newModule(texts)
	require.NoError(t, err)
	return m
}

// newModule parses the module of those files. Folders with a go.mod of their own
// are other modules.
func newModule(texts map[string]string) (*module, error) {
	m := &module{texts: texts, fset: token.NewFileSet()}
	byPath := map[string]*pkg{}
	for file, text := range texts {
		if path.Ext(file) != ".go" || m.elsewhere(file) {
			continue
		}
		f, err := parser.ParseFile(m.fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if ast.IsGenerated(f) {
			continue
		}
		p := byPath[path.Dir(file)]
		if p == nil {
			p = &pkg{path: path.Dir(file)}
			byPath[p.path] = p
			m.packages = append(m.packages, p)
		}
		if strings.HasSuffix(file, "_test.go") {
			p.tests = append(p.tests, &source{file, f})
		} else {
			p.files = append(p.files, &source{file, f})
			p.name = f.Name.Name
		}
	}
	slices.SortFunc(m.packages, func(a, b *pkg) int { return strings.Compare(a.path, b.path) })
	for _, p := range m.packages {
		for _, files := range [][]*source{p.files, p.tests} {
			slices.SortFunc(files, func(a, b *source) int { return strings.Compare(a.path, b.path) })
		}
		m.resolve(p)
	}
	return m, nil
}

// elsewhere reports whether the go command would not take file for the module's.
func (m *module) elsewhere(file string) bool {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		base := path.Base(dir)
		if _, nested := m.texts[dir+"/go.mod"]; nested || base == "testdata" || base[0] == '.' || base[0] == '_' {
			return true
		}
	}
	return false
}

// resolve finds what the names in p's files mean. Imported packages are taken as
// empty, and what is missing from them or declared twice, for two build
// constraints, is no matter: names of the package itself are all that is asked.
func (m *module) resolve(p *pkg) {
	p.info = &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	var files []*ast.File
	for _, f := range p.files {
		files = append(files, f.File)
	}
	conf := types.Config{Importer: empty{}, Error: func(error) {}}
	checked, _ := conf.Check(p.path, m.fset, files, p.info)
	p.scope = checked.Scope()
}

// empty imports every package as one without a name in it.
type empty struct{}

func (empty) Import(p string) (*types.Package, error) {
	q := types.NewPackage(p, path.Base(p))
	q.MarkComplete()
	return q, nil
}
