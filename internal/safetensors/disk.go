package safetensors

import (
	"io/fs"
	"os"

	"github.com/pkg/errors"
)

// A disk is the file that a File was read from, and what it was then.
type disk struct {
	path string
	info fs.FileInfo
}

// openDisk opens the file at path, if it is regular: opening a pipe would wait for
// a writer.
func openDisk(path string) (*disk, *os.File, error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, nil, errors.WithStack(err)
	case !info.Mode().IsRegular():
		return nil, nil, errors.Wrapf(ErrFormat, "%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, errors.WithStack(err)
	}
	return &disk{path, info}, f, nil
}

// Load returns the tensor of that name, of any dtype, with its data. Errors: there is no such tensor ([ErrMismatch]);
// the file cannot be read any more, or has been replaced by another one.
func (f *File) Load(name string) (Tensor, error) {
	for i, t := range f.Tensors {
		if t.Name == name {
			return f.load(i)
		}
	}
	return Tensor{}, errors.Wrapf(ErrMismatch, "safetensors: none of the file's %d tensors is named %q", len(f.Tensors),
		name)
}

// load returns tensor i with its data.
func (f *File) load(i int) (Tensor, error) {
	t := f.Tensors[i]
	if f.disk == nil {
		return t, nil
	}
	now, r, err := openDisk(f.disk.path)
	if err != nil {
		return t, errors.WithMessagef(err, "safetensors: tensor %q", t.Name)
	}
	defer r.Close()
	was := f.disk.info
	if !os.SameFile(was, now.info) || was.Size() != now.info.Size() || !was.ModTime().Equal(now.info.ModTime()) {
		return t, errors.Errorf("safetensors: tensor %q: %s has changed since its header was read: read it again",
			t.Name, f.disk.path)
	}
	t.Data = make([]byte, f.end(i, was.Size())-f.at[i])
	return t, errors.WithMessagef(readAt(r, t.Data, f.at[i]), "safetensors: tensor %q: %s", t.Name, f.disk.path)
}
