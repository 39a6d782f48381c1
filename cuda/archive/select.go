package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// A listed is a package as go list describes it.
type listed struct {
	ImportPath, Name, Dir                                string
	Deps                                                 []string
	GoFiles, TestGoFiles, XTestGoFiles                   []string
	EmbedPatterns, TestEmbedPatterns, XTestEmbedPatterns []string
}

// short returns the import path within the module.
func (p listed) short() string {
	return filepath.ToSlash(strings.TrimPrefix(p.ImportPath, modulePath+"/"))
}

const modulePath = "github.com/whitebox-nn/whitebox"

// command runs a command of Go in a folder and returns what it prints.
func command(dir string, args ...string) ([]byte, error) {
	run := exec.Command("go", args...)
	var stderr bytes.Buffer
	run.Dir, run.Stderr = dir, &stderr
	out, err := run.Output()
	return out, errors.Wrapf(err, "go %s: %s", strings.Join(args, " "), &stderr)
}

// moduleRoot returns the folder of go.mod.
func moduleRoot() (string, error) {
	out, err := command("", "list", "-m", "-f", "{{.Dir}}")
	return strings.TrimSpace(string(out)), err
}

func list(root string, args ...string) (all []listed, err error) {
	out, err := command(root, append([]string{"list",
		"-json=ImportPath,Name,Dir,Deps,GoFiles,TestGoFiles,XTestGoFiles,EmbedPatterns,TestEmbedPatterns," +
			"XTestEmbedPatterns"}, args...)...)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, errors.WithStack(err)
		}
		all = append(all, p)
	}
}

// touching returns the packages whose tests touch a device: those that test with more
// packages of the module when the build tag is set than they do without it, which is
// what brings the software device in.
func touching(root string) ([]listed, error) {
	without, err := testDeps(root)
	if err != nil {
		return nil, err
	}
	with, err := testDeps(root, "-tags", tag)
	if err != nil {
		return nil, err
	}
	var paths []string
	for path, deps := range with {
		if strings.HasSuffix(path, "/internal/calls") { // it runs itself in child processes, and calls no kernel
			continue
		}
		if slices.ContainsFunc(deps, func(d string) bool { return !slices.Contains(without[path], d) }) {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil, errors.Errorf("no test touches a device with the build tag %s", tag)
	}
	all, err := list(root, append([]string{"-tags", tag}, paths...)...)
	slices.SortFunc(all, func(a, b listed) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ImportPath, b.ImportPath))
	})
	return all, err
}

// rank is the place of a package among those that are tested, should the time not do
// for all: first the ops, then libraries, then commands.
func rank(p listed) int {
	switch {
	case p.Name == "main", strings.HasPrefix(p.short(), experiments):
		return 2
	case strings.HasPrefix(p.short(), "internal/op/"):
		return 0
	}
	return 1
}

// testDeps returns the packages of the module that each package's tests are made of.
func testDeps(root string, flags ...string) (map[string][]string, error) {
	all, err := list(root, append(append([]string{"-test"}, flags...), "./...")...)
	if err != nil {
		return nil, err
	}
	deps := make(map[string][]string)
	for _, p := range all {
		path, ok := strings.CutSuffix(p.ImportPath, ".test")
		if !ok {
			continue
		}
		for _, d := range p.Deps {
			d, _, _ = strings.Cut(d, " ") // of "path [of its test]"
			if strings.HasPrefix(d, modulePath) && d != path && d != path+"_test" {
				deps[path] = append(deps[path], d)
			}
		}
	}
	return deps, nil
}
