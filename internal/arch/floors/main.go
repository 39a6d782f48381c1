// Command floors draws the packages of the module, each on its floor, and an arrow for
// each import, from what the go command says of them. It fails if an arrow goes up.
//
//	go run ./internal/arch/floors -out docs/img/floors.svg
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

const module = "github.com/whitebox-nn/whitebox"

// A floor is packages that may import each other and those of the floors below. A
// trailing /* stands for every package in a folder.
type floor struct {
	what     string
	packages []string
}

func building() []floor {
	return []floor{
		{"what a user runs", []string{"cmd/*", "examples/*", "internal/experiment/*", "bench", "internal/conformance"}},
		{"training, and networks from data", []string{"internal/experiment", "train", "redunet"}},
		{"networks, layers, objectives", []string{"models", "layers/*", "layers", "losses", "optim", "gradcheck"}},
		{"the vocabulary", []string{"nn/*", "nn"}},
		{"operations, and what runs them", []string{"internal/op/*", "op/optest", "internal/engine"}},
		{"an operation is one declaration", []string{"op", "cuda", "nn/profile", "internal/op"}},
		{"on matrices: no graph", []string{"sparse", "subspace", "coding", "metrics", "data", "report"}},
		{"numbers, and the device", []string{"internal/lin", "internal/fourier", "internal/distance",
			"internal/cuda", "openblas"}},
		{"", []string{"internal/simd", "internal/par", "op/launch", "internal/safetensors", "internal/rundir"}},
		{"the ground", []string{"internal/half", "internal/given", "internal/sizes", "internal/dense",
			"internal/matrix",
			"internal/build", "internal/atomicfile", "internal/filelock", "internal/tell"}},
	}
}

// tools are packages that nothing is built on: they look at the module, or make its files.
func tools() []string {
	return []string{"internal/arch", "internal/arch/floors", "internal/calls", "internal/calls/gen",
		"internal/campaign", "internal/cuda/fake", "cuda/archive", "cuda/archive/onsite", "examples"}
}

func main() {
	out := flag.String("out", "floors.svg", "`file` to write")
	flag.Parse()
	if err := write(*out); err != nil {
		fmt.Fprintln(os.Stderr, "floors:", err)
		os.Exit(1)
	}
}

func write(out string) error {
	imports, err := list()
	if err != nil {
		return err
	}
	arrows, err := arrowsOf(building(), imports)
	if err != nil {
		return err
	}
	return atomicfile.Write(out, func(w io.Writer) error {
		_, err := io.WriteString(w, draw(building(), reduced(arrows)))
		return err
	})
}

// list returns the packages of the module that each imports.
func list() (map[string][]string, error) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, module+"/...").Output()
	if err != nil {
		return nil, errors.Wrap(err, "go list")
	}
	imports := make(map[string][]string)
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		from := strings.TrimPrefix(words[0], module+"/")
		imports[from] = nil
		for _, w := range words[1:] {
			if to, ours := strings.CutPrefix(w, module+"/"); ours {
				imports[from] = append(imports[from], to)
			}
		}
	}
	return imports, nil
}

// An arrow is an import of one box by another.
type arrow struct{ from, to string }

// arrowsOf returns the imports between boxes. Errors: a package on no floor; a box that
// imports one of a higher floor.
func arrowsOf(b []floor, imports map[string][]string) (map[arrow]bool, error) {
	arrows := make(map[arrow]bool)
	for from, all := range imports {
		if slices.Contains(tools(), from) {
			continue
		}
		box, level := boxOf(b, from)
		if box == "" {
			return nil, errors.Errorf("package %s is on no floor: put it on one, in internal/arch/floors", from)
		}
		for _, to := range all {
			other, below := boxOf(b, to)
			switch {
			case other == "" && !slices.Contains(tools(), to):
				return nil, errors.Errorf("package %s is on no floor: put it on one, in internal/arch/floors", to)
			case below < level && other != "":
				return nil, errors.Errorf("%s imports %s, which is on a higher floor", from, to)
			case other != "" && other != box:
				arrows[arrow{box, other}] = true
			}
		}
	}
	return arrows, nil
}

// boxOf returns the box that stands for a package, and the number of its floor from the
// top: the package's own box, or else that of its folder.
func boxOf(b []floor, pkg string) (box string, level int) {
	for i, f := range b {
		if slices.Contains(f.packages, pkg) {
			return pkg, i
		}
	}
	for i, f := range b {
		for _, p := range f.packages {
			if dir, ok := strings.CutSuffix(p, "*"); ok && strings.HasPrefix(pkg, dir) {
				return p, i
			}
		}
	}
	return "", -1
}

// reduced leaves out arrows that others imply: a → c where a → b → … → c.
func reduced(arrows map[arrow]bool) []arrow {
	next := make(map[string][]string)
	for a := range arrows {
		next[a.from] = append(next[a.from], a.to)
	}
	var kept []arrow
	for a := range arrows {
		implied := func(via string) bool { return via != a.to && reaches(next, via, a.to) }
		if !slices.ContainsFunc(next[a.from], implied) {
			kept = append(kept, a)
		}
	}
	slices.SortFunc(kept, func(a, b arrow) int { return strings.Compare(a.from+" "+a.to, b.from+" "+b.to) })
	return kept
}

func reaches(next map[string][]string, from, to string) bool {
	return from == to || slices.ContainsFunc(next[from], func(via string) bool { return reaches(next, via, to) })
}
