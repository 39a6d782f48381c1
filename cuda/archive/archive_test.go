package main

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestThePackagesThatTouchADeviceAreFound looks for some, and for none that does not.
func TestThePackagesThatTouchADeviceAreFound(t *testing.T) {
	root, err := moduleRoot()
	require.NoError(t, err)
	all, err := touching(root)
	require.NoError(t, err)
	var names []string
	for _, p := range all {
		names = append(names, p.short())
	}
	for _, name := range []string{"cuda", "internal/cuda", "nn", "optim", "train", "internal/op/relu",
		"internal/experiment/compare", "internal/experiment/doctor", "bench"} {
		require.Contains(t, names, name)
	}
	for _, name := range []string{"report", "sparse", "internal/arch", "internal/calls", "cuda/archive"} {
		require.NotContains(t, names, name)
	}
	require.Equal(t, "internal/experiment/segment", all[len(all)-1].short(), "commands are last")
}

// TestTheProgramListsTestsAndCommands makes the source of a program with two packages,
// one of them a command.
func TestTheProgramListsTestsAndCommands(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	write("lib/in_test.go",
		"package lib\n\nfunc TestIn(t *testing.T) {}\n\nfunc Testament(t *testing.T) {}\n\nfunc (x) TestMethod() {}\n")
	write("lib/out_test.go", "package lib_test\n\nfunc TestOut(t *testing.T) {}\n\nfunc Example() {\n\t// Output: "+
		"1\n}\n\nfunc ExampleQuiet() {}\n")
	write("tool/main.go", "// Command tool.\npackage main\n\nfunc main() {}\n")
	write("tool/main_test.go", "package main\n\nfunc TestTool(t *testing.T) {}\n")
	p := &program{root: dir, work: t.TempDir(), overlay: make(map[string]string)}
	require.NoError(t, p.add(listed{ImportPath: modulePath + "/lib", Name: "lib", Dir: filepath.Join(dir, "lib"),
		TestGoFiles: []string{"in_test.go"}, XTestGoFiles: []string{"out_test.go"}}))
	require.NoError(t, p.add(listed{ImportPath: modulePath + "/tool", Name: "main", Dir: filepath.Join(dir, "tool"),
		GoFiles: []string{"main.go"}, TestGoFiles: []string{"main_test.go"}}))
	write("lib/a.ptx", "")
	require.NoError(t, p.add(listed{ImportPath: modulePath + "/lib2", Name: "lib2", Dir: filepath.Join(dir, "lib"),
		XTestEmbedPatterns: []string{"*.ptx"}}))
	require.Equal(t, filepath.Join(dir, "lib", "a.ptx"), p.overlay[filepath.Join(dir, "lib", "archived", "a.ptx")])
	source := p.source()
	for _, line := range []string{
		`t0 "` + modulePath + `/lib"`, `t1 "` + modulePath + `/lib/archived"`, `"tool": c2.Main`,
		`testing.InternalTest{Name: "TestIn", F: t0.TestIn}`, `testing.InternalTest{Name: "TestOut", F: t1.TestOut}`,
		`testing.InternalTest{Name: "TestTool", F: t3.TestTool}`,
		`testing.InternalExample{Name: "Example", F: t1.Example, Output: "1\n", Unordered: false}`,
		`{Name: "lib", Run: func()`,
	} {
		require.Contains(t, source, line)
	}
	for _, word := range []string{"Testament", "TestMethod", "ExampleQuiet"} {
		require.NotContains(t, source, word)
	}
	require.Equal(t, filepath.Join(dir, "lib", "in_test.go"), p.overlay[filepath.Join(dir, "lib", "archived_in.go")])
	renamed, err := os.ReadFile(p.overlay[filepath.Join(dir, "tool", "archived", "main.go")])
	require.NoError(t, err)
	require.Equal(t, "// Command tool.\npackage archived\n\nfunc main() {}\n", string(renamed))

	require.NoError(t, p.add(listed{ImportPath: modulePath + "/internal/experiment/try", Name: "try", Dir: dir}))
	require.Contains(t, p.source(), `"try": func() { os.Exit(c`)

	write("lib/main_test.go", "package lib\n\nfunc TestMain(m *testing.M) {}\n")
	require.ErrorContains(t, p.add(listed{ImportPath: modulePath + "/lib", Name: "lib", Dir: filepath.Join(dir, "lib"),
		TestGoFiles: []string{"main_test.go"}}), "TestMain cannot be one of many")
}

// TestATarHoldsFilesFoldersAndLinks in an order of its own, and with modes of its own.
func TestATarHoldsFilesFoldersAndLinks(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "tree", "empty"), 0o700))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "bin"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bin", "x"), []byte("program"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.txt"), []byte("b"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.md"), nil, 0o600))
	require.NoError(t, os.Symlink("x", filepath.Join(dir, "bin", "y")))
	files, err := order(dir)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, write(&b, dir, files))
	var got []string
	for r := tar.NewReader(&b); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		got = append(got, strings.Join([]string{h.FileInfo().Mode().String(), h.Name, h.Linkname, string(text)}, " "))
	}
	require.Equal(t, []string{
		"drwxr-xr-x whitebox-cuda/bin/  ", "drwxr-xr-x whitebox-cuda/tree/  ", "drwxr-xr-x whitebox-cuda/tree/empty/  ",
		"-rwxr-xr-x whitebox-cuda/bin/x  program", "Lrw-r--r-- whitebox-cuda/bin/y x ",
		"-rw-r--r-- whitebox-cuda/a.md  ", "-rw-r--r-- whitebox-cuda/b.txt  b",
	}, got)
}
