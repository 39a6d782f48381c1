//go:build whitebox_cuda && linux && (amd64 || arm64)

package cuda

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/ebitengine/purego"
	"github.com/pkg/errors"
)

// A library is a shared library that is loaded.
type library struct {
	handle uintptr
	what   string
	file   string
}

// open loads the first of names that there is: in the folders of PathVariable,
// where that is set, else where the system looks for libraries.
func open(what string, names ...string) (library, error) {
	var first error
	for _, file := range candidates(names) {
		h, err := purego.Dlopen(file, purego.RTLD_NOW|purego.RTLD_GLOBAL)
		if err == nil {
			return library{h, what, file}, nil
		}
		if first == nil {
			first = err
		}
	}
	return library{}, errors.Wrapf(ErrUnavailable, "%s was not found (%s): %v: install it, or name its folder in %s",
		what, strings.Join(names, ", "), first, PathVariable)
}

func candidates(names []string) []string {
	var files []string
	for _, dir := range filepath.SplitList(os.Getenv(PathVariable)) {
		for _, name := range names {
			if file := filepath.Join(dir, name); exists(file) {
				files = append(files, file)
			}
		}
	}
	if os.Getenv(PathVariable) != "" && len(files) > 0 {
		return files
	}
	return append(files, names...)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// resolve looks up the addresses of symbols.
func (l library) resolve(symbols []symbol) error {
	for _, s := range symbols {
		address, err := purego.Dlsym(l.handle, s.name)
		if err != nil && !s.optional {
			return errors.Wrapf(ErrUnavailable, "%s (%s) has no function %s: it is too old, update it", l.what, l.file,
				s.name)
		}
		if err == nil {
			*s.at = address
		}
	}
	return nil
}

// A caller calls C functions of integers and addresses.
type caller struct {
	args [24]uintptr // of the hot call in hand
}

// call calls one.
//
//go:uintptrescapes
func (c *caller) call(f uintptr, args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(f, args...)
	return r
}

// hot is call within Device.Do, for addresses of what is on the heap anyhow. It
// allocates nothing.
func (c *caller) hot(f uintptr, args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(f, c.args[:copy(c.args[:], args)]...)
	return r
}
