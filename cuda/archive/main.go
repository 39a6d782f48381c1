// Command archive makes whitebox-cuda.tar.xz: what tests and times this library on a
// machine with a GPU that has neither Go nor a network. See docs/cuda.md.
//
//	go run ./cuda/archive [-o whitebox-cuda.tar.xz] [-dir FOLDER] [-cifar cifar-10-subset.tar.gz]
//
// It holds one program, which has the tests of all packages that touch a device and the
// commands bench, compare and doctor, what these read, and the scripts that run them.
// It needs Go and xz.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

func main() {
	var c config
	flag.StringVar(&c.out, "o", "whitebox-cuda.tar.xz", "`file` to make")
	flag.StringVar(&c.dir, "dir", "", "also leave what is packed in this `folder`")
	flag.StringVar(&c.cifar, "cifar", "", "`file` with some of CIFAR-10 in its binary layout, .tar.gz, to take along")
	flag.Parse()
	if err := c.make(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

// tag is the build tag of everything that is built.
const tag = "whitebox_cuda"

// A config is what the flags say.
type config struct{ out, dir, cifar string }

// make makes the archive, and says to w what takes how much room.
func (c config) make(w io.Writer) (err error) {
	work, err := os.MkdirTemp("", "whitebox-archive-")
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() {
		if e := os.RemoveAll(work); err == nil {
			err = errors.WithStack(e)
		}
	}()
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	packages, err := touching(root)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "tests of %d packages\n", len(packages))
	s := stage{root: root, dir: c.dir, packages: packages}
	if s.dir == "" {
		s.dir = filepath.Join(work, "whitebox-cuda")
	}
	if err := s.fill(work, c.cifar); err != nil {
		return err
	}
	return pack(w, s.dir, c.out)
}
