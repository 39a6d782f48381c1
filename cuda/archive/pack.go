package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// most is how large an archive may be, in bytes: what a form or a policy for
// attachments lets through.
const most = 40 << 20

// pack makes the archive of a folder and prints the sizes of what takes room.
func pack(w io.Writer, dir, out string) error {
	files, err := order(dir)
	if err != nil {
		return err
	}
	r, pipe := io.Pipe()
	go func() { pipe.CloseWithError(write(pipe, dir, files)) }()
	part := out + ".part"
	flags := []string{"--lzma2=preset=6"}
	if runtime.GOARCH == "amd64" {
		flags = append([]string{"--x86"}, flags...) // calls of one function look the same
	}
	if err := xz(part, r, flags...); err != nil {
		return err
	}
	if err := os.Rename(part, out); err != nil {
		return errors.WithStack(err)
	}
	info, err := os.Stat(out)
	if err != nil {
		return errors.WithStack(err)
	}
	sum := int64(0)
	for _, f := range files {
		sum += f.size
		if f.size >= 1<<20 {
			fmt.Fprintf(w, "%8.1f MiB  %s\n", mib(f.size), f.name)
		}
	}
	fmt.Fprintf(w, "%8.1f MiB  %d files in all\n%8.1f MiB  %s\n", mib(sum), len(files), mib(info.Size()), out)
	if info.Size() > most {
		return errors.Errorf("%s has %.1f MiB, want at most %d", out, mib(info.Size()), most>>20)
	}
	return nil
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// A packed is a file of the folder, by its slashed path in it.
type packed struct {
	name string
	size int64
	mode fs.FileMode
}

// order lists the files of a folder and its empty folders, like beside like: programs
// first, then by the ends of names.
func order(dir string) (files []packed, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			size := info.Size()
			if !info.Mode().IsRegular() {
				size = 0
			}
			files = append(files, packed{filepath.ToSlash(name), size, info.Mode()})
		}
		return err
	})
	rank := func(f packed) int {
		switch {
		case f.mode.IsDir():
			return 0
		case strings.HasPrefix(f.name, "bin/"):
			return 1
		}
		return 2
	}
	slices.SortFunc(files, func(a, b packed) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(filepath.Ext(a.name), filepath.Ext(b.name)),
			cmp.Compare(a.name, b.name))
	})
	return files, errors.WithStack(err)
}

// write writes the files as a tar, the same bytes whoever makes it.
func write(w io.Writer, dir string, files []packed) error {
	t := tar.NewWriter(w)
	for _, f := range files {
		h := &tar.Header{Name: "whitebox-cuda/" + f.name, Mode: 0o644, Size: f.size, ModTime: time.Unix(0, 0),
			Typeflag: tar.TypeReg}
		if f.mode.IsDir() {
			h.Name, h.Mode, h.Typeflag = h.Name+"/", 0o755, tar.TypeDir
		} else if f.mode&fs.ModeSymlink != 0 {
			to, err := os.Readlink(filepath.Join(dir, filepath.FromSlash(f.name)))
			if err != nil {
				return errors.WithStack(err)
			}
			h.Linkname, h.Typeflag = to, tar.TypeSymlink
		} else if f.mode&0o100 != 0 {
			h.Mode = 0o755
		}
		if err := t.WriteHeader(h); err != nil {
			return errors.WithStack(err)
		}
		if !f.mode.IsRegular() {
			continue
		}
		in, err := os.Open(filepath.Join(dir, filepath.FromSlash(f.name)))
		if err != nil {
			return errors.WithStack(err)
		}
		_, err = io.Copy(t, in)
		in.Close()
		if err != nil {
			return errors.Wrap(err, f.name)
		}
	}
	return errors.WithStack(t.Close())
}

// xz compresses what r gives to a file.
func xz(path string, r io.Reader, flags ...string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return errors.WithStack(err)
	}
	f, err := os.Create(path)
	if err != nil {
		return errors.WithStack(err)
	}
	var said bytes.Buffer
	run := exec.Command("xz", append([]string{"--format=xz", "--stdout"}, flags...)...)
	run.Stdin, run.Stdout, run.Stderr = r, f, &said
	if err := run.Run(); err != nil {
		f.Close()
		return errors.Wrapf(err, "xz (Debian: xz-utils): %s", &said)
	}
	return errors.WithStack(f.Close())
}
