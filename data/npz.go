package data

import (
	"archive/zip"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// NPZConfig configures ReadNPZ and LoadNPZ. The zero value reads all arrays.
type NPZConfig struct {
	Names []string // of the arrays to read; nil is all of them

	// MaxBytes bounds the arrays that are read, all together: a few bytes of an archive can announce, and expand to,
	// terabytes. 0 is 1 GiB, or 100 times the size of the archive if that is more.
	MaxBytes int64
}

// ReadNPZ reads arrays from the archive of size bytes in r, as numpy.savez and numpy.savez_compressed write it: a zip
// archive with NAME.npy for each array. The result is by name. Members whose names do not end in .npy are left out.
//
// Errors: ErrInput for a name that the archive does not hold. ErrFormat for an archive that is
// damaged, locked by a password or compressed in another way than deflate; a name that is there twice;
// arrays of more than MaxBytes; those of ReadNPY, with the name of the array, and the byte in its member.
func ReadNPZ(r io.ReaderAt, size int64, cfg NPZConfig) (map[string]*Array, error) {
	if r == nil {
		return nil, errors.Wrap(ErrInput, "data: NPZ: the reader is nil")
	}
	all, err := readNPZ(r, size, cfg)
	return all, errors.WithMessage(err, "data: NPZ")
}

// LoadNPZ reads arrays from an archive in a file. See ReadNPZ.
func LoadNPZ(path string, cfg NPZConfig) (map[string]*Array, error) {
	f, size, err := openFile(path, maxArray)
	if err != nil {
		return nil, errors.WithMessage(err, "data: NPZ")
	}
	defer f.Close()
	all, err := readNPZ(f, size, cfg)
	return all, errors.WithMessagef(err, "data: NPZ: %s", path)
}

func readNPZ(r io.ReaderAt, size int64, cfg NPZConfig) (map[string]*Array, error) {
	const least, ratio = 1 << 30, 100
	left := cfg.MaxBytes
	switch {
	case size < 0 || left < 0:
		return nil, errors.Wrapf(ErrInput, "an archive of %d bytes, and MaxBytes %d, want at least 0", size, left)
	case left == 0:
		left = max(least, ratio*min(size, maxArray/ratio))
	}
	members, err := npzMembers(r, size)
	if err != nil {
		return nil, err
	}
	names := cfg.Names
	if names == nil {
		names = sortedNames(members)
	}
	all := make(map[string]*Array, len(names))
	for _, name := range names {
		m, ok := members[name]
		if !ok {
			return nil, errors.Wrapf(ErrInput, "there is no array %q: there are %q", name, sortedNames(members))
		}
		if all[name] != nil {
			continue
		}
		a, bytes, err := readMember(m, min(left, maxArray))
		if err != nil {
			return nil, errors.WithMessagef(err, "array %q", name)
		}
		all[name], left = a, left-bytes
	}
	return all, nil
}

// npzMembers returns the files of an archive that are arrays, by the names of these.
func npzMembers(r io.ReaderAt, size int64) (map[string]*zip.File, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, errors.Wrapf(ErrFormat, "%v: it is no archive that numpy.savez wrote", err)
	}
	members := make(map[string]*zip.File)
	for _, m := range z.File {
		name, ok := strings.CutSuffix(m.Name, ".npy")
		if !ok {
			continue
		}
		if members[name] != nil {
			return nil, errors.Wrapf(ErrFormat, "the archive has two arrays %q", name)
		}
		members[name] = m
	}
	return members, nil
}

func sortedNames(members map[string]*zip.File) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// readMember reads an array whose numbers are to have no more than most bytes, and returns how many
// they have.
func readMember(m *zip.File, most int64) (a *Array, bytes int64, err error) {
	const locked = 1 // by a password, in the flags
	if m.Flags&locked != 0 {
		return nil, 0, errors.Wrap(ErrFormat, "it is locked by a password")
	}
	r, err := m.Open()
	if err != nil {
		return nil, 0, errors.Wrap(ErrFormat, err.Error())
	}
	defer r.Close()
	c := &counted{r: zipErrors{r}}
	if a, err = readNPY(c, -1, most); err != nil {
		return nil, 0, err
	}
	return a, c.n, nil
}
