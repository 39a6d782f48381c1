package data

import (
	"archive/tar"
	"bufio"
	"context"
	stderrors "errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"
)

const (
	cifarSide   = 32
	cifarPixels = 3 * cifarSide * cifarSide
)

// images are records of the binary format: labels, a byte each, and 3,072 pixels,
// row-major, red, then green, then blue.
type images struct {
	pixels []byte
	labels [][]int // of each kind
}

// append adds the records of another file.
func (m *images) append(other *images) {
	if m.labels == nil {
		*m = images{slices.Clip(other.pixels), make([][]int, len(other.labels))}
		copy(m.labels, other.labels)
		return
	}
	m.pixels = append(m.pixels, other.pixels...)
	for i, l := range other.labels {
		m.labels[i] = append(m.labels[i], l...)
	}
}

// set returns the images with the labels of that number.
func (m *images) set(c cifar, which int) (*Set, error) {
	return New(m.pixels, 1.0/255, []int{3, cifarSide, cifarSide}, m.labels[which], c.classes[which])
}

// read reads records until r ends.
func (c cifar) read(r io.Reader) (*images, error) {
	m := &images{labels: make([][]int, len(c.classes))}
	record := make([]byte, len(c.classes)+cifarPixels)
	buffered := bufio.NewReaderSize(r, 1<<16)
	for n := 0; ; n++ {
		switch _, err := io.ReadFull(buffered, record); {
		case err == io.EOF && n == 0:
			return nil, errors.Wrap(ErrFormat, "the file is empty")
		case err == io.EOF:
			return m, nil
		case err == io.ErrUnexpectedEOF:
			return nil, errors.Wrapf(ErrFormat, "the file ends in the middle of record %d, whose length is %d", n,
				len(record))
		case err != nil:
			return nil, broken(err)
		}
		for i, k := range c.classes {
			if int(record[i]) >= k {
				return nil, errors.Wrapf(ErrFormat, "label %d of record %d, want it in 0, …, %d", record[i], n, k-1)
			}
			m.labels[i] = append(m.labels[i], int(record[i]))
		}
		m.pixels = append(m.pixels, record[len(c.classes):]...)
	}
}

// wants reports whether a file of that name is one of c's.
func (c cifar) wants(name string) bool { return name == c.test || slices.Contains(c.train, name) }

// readDir reads the files in a directory.
func (c cifar) readDir(ctx context.Context, dir string) (map[string]*images, error) {
	files := make(map[string]*images)
	room := c.most
	for _, name := range append([]string{c.test}, c.train...) {
		file := filepath.Join(dir, name)
		var err error
		if _, err = os.Stat(file); stderrors.Is(err, os.ErrNotExist) {
			continue
		}
		if files[name], err = c.readFile(ctx, file, &room); err != nil {
			return nil, errors.WithMessage(err, file)
		}
	}
	return files, nil
}

func (c cifar) readFile(ctx context.Context, path string, room *int64) (m *images, err error) {
	f, _, err := openFile(path, c.most)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = errors.WithStack(e)
		}
	}()
	return c.read(&bounded{ctx, f, room})
}

// readArchive reads the files of a .tar.gz.
func (c cifar) readArchive(ctx context.Context, path string) (files map[string]*images, err error) {
	f, _, err := openFile(path, c.most)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = errors.WithStack(e)
		}
	}()
	files, err = c.unpack(ctx, f)
	return files, errors.WithMessage(err, path)
}

// unpack reads the files of a compressed archive, which may be damaged or made to
// do harm. Nothing is written anywhere; members of other names are skipped.
func (c cifar) unpack(ctx context.Context, r io.Reader) (map[string]*images, error) {
	z, err := newGunzip(r)
	if err != nil {
		return nil, err
	}
	room := c.most
	all := &bounded{ctx, z, &room}
	files := make(map[string]*images)
	left := c.most // for members, which can be longer than their archive: they can have holes
	members := tar.NewReader(all)
	for {
		h, err := members.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		if err := c.member(files, h, members, &left); err != nil {
			return nil, errors.WithMessagef(err, "member %q", h.Name)
		}
	}
	_, err = io.Copy(io.Discard, all) // to the checksum
	return files, broken(err)
}

// member reads one member of an archive, if it is one of c's files, and takes its
// size from the bytes that are left for all of them.
func (c cifar) member(files map[string]*images, h *tar.Header, r io.Reader, left *int64) (err error) {
	if !filepath.IsLocal(filepath.FromSlash(h.Name)) {
		return errors.Wrap(ErrFormat, "its path leads out of the archive")
	}
	name := path.Base(h.Name)
	switch {
	case !c.wants(name):
		return nil
	case h.Typeflag != tar.TypeReg:
		return errors.Wrap(ErrFormat, "it is no regular file")
	case files[name] != nil:
		return errors.Wrapf(ErrFormat, "it is the second %s", name)
	case h.Size > *left:
		return errors.Wrapf(ErrFormat, "it has %d bytes, and all files together may have %d", h.Size, c.most)
	}
	*left -= h.Size
	files[name], err = c.read(r)
	return err
}

// bounded reads until ctx is done or the limit is reached.
type bounded struct {
	ctx  context.Context
	r    io.Reader
	room *int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	if *b.room -= int64(n); *b.room < 0 {
		return n, errors.Wrap(ErrFormat, "more bytes than such files have")
	}
	return n, err
}
