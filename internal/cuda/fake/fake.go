//go:build whitebox_cuda && linux && (amd64 || arm64)

package fake

import (
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/pkg/errors"
)

// Build returns the folder with the libraries, for WHITEBOX_CUDA_PATH. It makes
// them at the first call, in the system's folder for temporary files, under a name
// that is a hash of their sources and the compiler.
func Build() (string, error) { return BuildWithout("") }

// BuildWithout builds a driver that lacks one function.
func BuildWithout(symbol string) (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	sources, err := sourcesOf(root)
	if err != nil {
		return "", err
	}
	others, headers, err := outside(root)
	if err != nil {
		return "", err
	}
	key, err := hash(slices.Concat(sources, others, headers), symbol)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(os.TempDir(), "whitebox-fake-"+key)
	unlock, err := lock(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	made, err := os.MkdirTemp(filepath.Dir(dir), "whitebox-fake-new-")
	if err != nil {
		return "", errors.WithStack(err)
	}
	if err := compile(root, made, sources, symbol); err != nil {
		return "", errors.WithMessagef(err,
			"fake: the software device needs a C and a C++ compiler (Debian: gcc, g++ and libc6-dev)")
	}
	if err := compileOthers(root, made, others); err != nil {
		return "", errors.WithMessage(err, "fake: kernels of another module")
	}
	return dir, errors.WithStack(os.Rename(made, dir))
}

// lock waits until no other process builds the file's kernels.
func lock(file string) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.WithStack(err)
	}
	return func() { _ = f.Close() }, nil
}

const module = "github.com/whitebox-nn/whitebox"

// moduleRoot returns the folder of go.mod: above this file, or, if -trimpath hides where
// that is, the one that the go command names.
func moduleRoot() (string, error) {
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		return filepath.Dir(filepath.Dir(filepath.Dir(filepath.Dir(file)))), nil
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", errors.Wrapf(err, "fake: where the source of %s is, is not known", module)
	}
	return strings.TrimSpace(string(dir)), nil
}

// sourcesOf returns what the libraries are made of: the .c, .h, .cuh and .cu files.
func sourcesOf(root string) (files []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || isModule(path)) {
			return fs.SkipDir
		}
		inside := strings.HasPrefix(path, filepath.Join(root, "internal", "cuda", "fake")+string(filepath.Separator))
		switch filepath.Ext(path) {
		case ".cu", ".cuh":
			files = append(files, path)
		case ".c", ".h":
			if inside {
				files = append(files, path)
			}
		}
		return nil
	})
	slices.Sort(files)
	return files, errors.WithStack(err)
}

// isModule reports whether a folder is a module's root.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// outside returns the kernels of the module that the test is of, if that is another one,
// its .cu files and the .ptx beside each, and what these may include.
func outside(root string) (kernels, headers []string, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	for !isModule(dir) {
		if dir == filepath.Dir(dir) {
			return nil, nil, nil
		}
		dir = filepath.Dir(dir)
	}
	if dir == root {
		return nil, nil, nil
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch filepath.Ext(path) {
		case ".cu":
			kernels = append(kernels, path, strings.TrimSuffix(path, ".cu")+".ptx")
		case ".cuh":
			headers = append(headers, path)
		}
		return nil
	})
	return kernels, headers, errors.WithStack(err)
}

func hash(files []string, symbol string) (string, error) {
	h := sha256.New()
	version, err := exec.Command(compiler("CXX", "c++"), "--version").Output()
	if err != nil {
		return "", errors.Wrapf(err, "fake: the software device needs a C++ compiler, %s (Debian: g++)",
			compiler("CXX", "c++"))
	}
	fmt.Fprintf(h, "%s\n%s\n%s\n", version, symbol, flags)
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return "", errors.WithStack(err)
		}
		if _, err := io.Copy(h, f); err != nil {
			return "", errors.WithStack(err)
		}
		if err := f.Close(); err != nil {
			return "", errors.WithStack(err)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), nil
}

// compiler returns the command that an environment variable names, or the usual.
func compiler(variable, usual string) string {
	if c := os.Getenv(variable); c != "" {
		return c
	}
	return usual
}

const flags = "-O2 -g -fPIC -shared -fno-math-errno -ffp-contract=off -fno-strict-aliasing"

// compile makes the libraries in dir.
func compile(root, dir string, sources []string, symbol string) error {
	here := filepath.Join(root, "internal", "cuda", "fake", "src")
	hide := []string{}
	if symbol != "" {
		hide = append(hide, "-D"+symbol+"=hidden_"+symbol)
	}
	c := func(out string, args ...string) error {
		all := append(strings.Fields(flags), "-o", filepath.Join(dir, out))
		return execute(compiler("CC", "cc"), append(append(all, hide...), args...)...)
	}
	driver := filepath.Join(dir, "libcuda.so.1")
	err := c("libcuda.so.1", filepath.Join(here, "driver.c"), filepath.Join(here, "memory.c"),
		filepath.Join(here, "run.c"), "-Wl,-soname,libcuda.so.1", "-lpthread", "-ldl")
	if err != nil {
		return err
	}
	for lib, source := range map[string]string{"libcublas.so.12": "blas.c", "libcusolver.so.11": "solver.c",
		"libcufft.so.11": "fft.c"} {
		if err := c(lib, filepath.Join(here, source), driver, "-Wl,-rpath,$ORIGIN", "-lm"); err != nil {
			return err
		}
	}
	kernels := slices.DeleteFunc(slices.Clone(sources), func(file string) bool { return filepath.Ext(file) != ".cu" })
	return compileKernels(root, dir, "libkernels.so", kernels...)
}

// compileOthers makes a library of each kernel of another module, whose name says of
// which PTX: so two modules may have kernels of one name.
func compileOthers(root, dir string, kernels []string) error {
	for i := 0; i < len(kernels); i += 2 {
		ptx, err := os.ReadFile(kernels[i+1])
		if err != nil {
			return errors.Wrapf(err, "no PTX of %s: make it by ptx.sh of package op", kernels[i])
		}
		h := fnv.New64a()
		h.Write(ptx) // never an error
		if err := compileKernels(root, dir, fmt.Sprintf("libkernels-%016x.so", h.Sum64()), kernels[i]); err != nil {
			return err
		}
	}
	return nil
}

// compileKernels makes a library of .cu files. A device stops at an address that is not
// aligned for what is there: so does this.
func compileKernels(root, dir, library string, files ...string) error {
	args := append(strings.Fields(flags), "-fsanitize=alignment", "-fsanitize-undefined-trap-on-error", "-std=c++17",
		"-w", "-fno-exceptions", "-fno-rtti", "-I", filepath.Join(root, "op"), "-o", filepath.Join(dir, library),
		"-x", "c++")
	args = append(append(args, files...), "-x", "none", filepath.Join(dir, "libcuda.so.1"), "-Wl,-rpath,$ORIGIN", "-lm")
	return execute(compiler("CXX", "c++"), args...)
}

func execute(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	return errors.Wrapf(err, "%s: %s", name, out)
}
