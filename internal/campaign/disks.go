package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/pkg/errors"
)

// mounted mounts something at a new folder, and returns how to unmount it.
func (b *bench) mounted(name string, args ...string) (dir string, unmount func(), err error) {
	dir = b.at(name)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", nil, errors.WithStack(err)
	}
	if text, err := exec.Command("mount", append(args, dir)...).CombinedOutput(); err != nil {
		return "", nil, errors.Errorf("mount: %s", tail(string(text)+err.Error()))
	}
	return dir, func() { _ = exec.Command("umount", "-l", dir).Run() }, nil
}

// fullDisk gives runs a disk that is full after a part of what they write, and goes on
// with more of it.
func (b *bench) fullDisk() (string, error) {
	size, err := sizeOf(b.at("undisturbed"))
	if err != nil {
		return "", err
	}
	var seen []string
	for i, share := range []float64{0.2, 0.6} {
		begun := time.Now()
		name := fmt.Sprint("disk", i)
		dir, unmount, err := b.mounted(name, "-t", "tmpfs", "-o", fmt.Sprintf("size=%d", int64(share*float64(size))),
			"tmpfs")
		if err != nil {
			return b.fileLimit(err)
		}
		defer unmount()
		p, err := b.startAt(filepath.Join(dir, "run"), io.Discard, nil)
		if err != nil {
			return "", err
		}
		if err := p.ends(1); err != nil {
			return "", errors.WithMessagef(err, "%.0f %% of the disk", 100*share)
		}
		if said := p.stderr.String(); !strings.Contains(said, "no space left on device") {
			return "", errors.Errorf("a full disk is said as %q", tail(said))
		}
		if err := b.checkLeft(name + "/run"); err != nil {
			return "", err
		}
		if text, err := exec.Command("mount", "-o", fmt.Sprintf("remount,size=%d", 4*size),
			dir).CombinedOutput(); err != nil {
			return "", errors.Errorf("remount: %s", text)
		}
		if err := b.finish(name+"/run", begun); err != nil {
			return "", err
		}
		seen = append(seen, fmt.Sprintf("%.0f", 100*share))
	}
	return fmt.Sprintf("at %s %% of the space, then more of it: equal", strings.Join(seen, " and ")), nil
}

// fileLimit is a full disk where nothing can be mounted: no file may be larger than half
// of the largest.
func (b *bench) fileLimit(why error) (string, error) {
	largest := int64(0)
	for _, f := range b.want.files {
		largest = max(largest, int64(len(f)))
	}
	begun := time.Now()
	script := fmt.Sprintf("ulimit -f %d; exec \"$@\"", largest/2/512)
	args := append([]string{"-c", script, "sh", b.binary, "-out", b.at("limit")}, b.args...)
	var said strings.Builder
	c := exec.Command("sh", args...)
	c.Stderr = &said
	err := c.Run()
	if c.ProcessState.ExitCode() != 1 || !strings.Contains(said.String(), "file too large") {
		return "", errors.Errorf("a limit of files: %v, %q", err, tail(said.String()))
	}
	if err := b.checkLeft("limit"); err != nil {
		return "", err
	}
	if err := b.finish("limit", begun); err != nil {
		return "", err
	}
	return fmt.Sprintf("no disk of its own here (%v): a limit to the size of files, then none: equal", why), nil
}

// readOnly starts where nothing can be written: a file in the place of the folder, and,
// where it can be mounted, a folder that is read-only.
func (b *bench) readOnly() (string, error) {
	if err := os.WriteFile(b.at("file"), nil, 0o666); err != nil {
		return "", errors.WithStack(err)
	}
	for _, at := range []string{"file", "file/run"} {
		if err := b.refused(b.at(at)); err != nil {
			return "", err
		}
	}
	dir, unmount, err := b.mounted("ro", "-t", "tmpfs", "-o", "ro", "tmpfs")
	if err != nil {
		return fmt.Sprintf("a file in its place: refused before any work (%v)", err), nil
	}
	defer unmount()
	for _, at := range []string{dir, filepath.Join(dir, "run")} {
		if err := b.refused(at); err != nil {
			return "", err
		}
	}
	return "and a file in its place: refused before any work", nil
}

// refused starts a run where it cannot write, which must end before it works: with an
// error that names the folder, and no step.
func (b *bench) refused(folder string) error {
	p, err := b.startAt(folder, io.Discard, nil)
	if err != nil {
		return err
	}
	if err := p.ends(1); err != nil {
		return err
	}
	said := strings.TrimSpace(p.stderr.String())
	if strings.Contains(said, "\n") || !strings.Contains(said, folder) {
		return errors.Errorf("a folder that cannot be written to is said as %q", said)
	}
	return nil
}
