package main

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pkg/errors"
)

// A stage is the folder that is packed.
type stage struct {
	root, dir string
	packages  []listed
}

// fill makes everything in the folder.
func (s stage) fill(work, cifar string) error {
	if err := os.MkdirAll(filepath.Join(s.dir, "bin"), 0o777); err != nil {
		return errors.WithStack(err)
	}
	if err := buildProgram(s.root, work, filepath.Join(s.dir, "bin", "whitebox"), s.packages); err != nil {
		return err
	}
	for _, name := range []string{"tests", "bench", "compare", "doctor"} {
		if err := os.Symlink("whitebox", filepath.Join(s.dir, "bin", name)); err != nil {
			return errors.WithStack(err)
		}
	}
	here := filepath.Join(s.root, "cuda", "archive")
	for to, from := range map[string]string{
		"run.sh": filepath.Join(here, "run.sh"), "experiment.sh": filepath.Join(here, "experiment.sh"),
		"libraries.sh": filepath.Join(here, "libraries.sh"),
		"cuda.md":      filepath.Join(s.root, "docs", "cuda.md"),
		"LICENSE":      filepath.Join(s.root, "LICENSE"), "tree/README.md": filepath.Join(s.root, "README.md"),
		"tree/docs/gorgonia.md": filepath.Join(s.root, "docs", "gorgonia.md"),
		"peers/torch_peers.py":  filepath.Join(s.root, "bench", "torch_peers.py"),
		"peers/peerlib.py":      filepath.Join(s.root, "bench", "peerlib.py"),
	} {
		if err := s.copy(from, to); err != nil {
			return err
		}
	}
	if err := s.version(); err != nil {
		return err
	}
	if err := s.reads(); err != nil {
		return err
	}
	if cifar == "" {
		return nil
	}
	return errors.WithMessagef(s.images(cifar), "%s", cifar)
}

// copy copies a file, with its mode.
func (s stage) copy(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return errors.WithStack(err)
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return errors.WithStack(err)
	}
	path := filepath.Join(s.dir, filepath.FromSlash(to))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return errors.WithStack(err)
	}
	return errors.WithStack(os.WriteFile(path, text, info.Mode().Perm()))
}

// version writes what was packed: the commit and the compiler.
func (s stage) version() error {
	commit := "unknown"
	git := exec.Command("git", "describe", "--always", "--dirty")
	git.Dir = s.root
	if out, err := git.Output(); err == nil {
		commit = strings.TrimSpace(string(out))
	}
	text := fmt.Sprintf("whitebox %s, %s, %s/%s\n", commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return errors.WithStack(os.WriteFile(filepath.Join(s.dir, "VERSION"), []byte(text), 0o666))
}

// reads copies what tests read: testdata, kernels, and a package's own sources. The
// folder of a package is there even if nothing is.
func (s stage) reads() error {
	for _, p := range s.packages {
		if err := os.MkdirAll(filepath.Join(s.dir, "tree", filepath.FromSlash(p.short())), 0o777); err != nil {
			return errors.WithStack(err)
		}
		err := filepath.WalkDir(p.Dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			rel, err := filepath.Rel(s.root, path)
			if err != nil {
				return errors.WithStack(err)
			}
			rel = filepath.ToSlash(rel)
			if filepath.Ext(rel) != ".ptx" && filepath.Ext(rel) != ".go" && !strings.Contains(rel, "/testdata/") {
				return nil
			}
			return s.copy(path, "tree/"+rel)
		})
		if err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}

// images takes along files in CIFAR-10's binary layout. Bytes of pixels are coded as
// differences from the pixel to the left, which makes them a third smaller.
func (s stage) images(cifar string) error {
	f, err := os.Open(cifar)
	if err != nil {
		return errors.WithStack(err)
	}
	defer f.Close() // only read
	z, err := gzip.NewReader(f)
	if err != nil {
		return errors.WithStack(err)
	}
	n := 0
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return errors.WithStack(err)
		}
		name := filepath.Base(h.Name)
		if h.Typeflag != tar.TypeReg || filepath.Ext(name) != ".bin" {
			continue
		}
		if err := xz(filepath.Join(s.dir, "cifar-10-subset", name+".xz"), r, "--delta=dist=1",
			"--lzma2=preset=6,mf=hc4,depth=1,nice=8,dict=64KiB,lc=4,pb=0"); err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return errors.New("there is no .bin file in it")
	}
	return nil
}
