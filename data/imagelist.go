package data

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// An imageFile is one of an ImageFolder.
type imageFile struct {
	path  string
	class int
}

// list finds the images and the names of the classes.
func (f ImageFolder) list() (files []imageFile, names []string, err error) {
	info, err := os.Stat(f.Dir)
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	if !info.IsDir() {
		return nil, nil, errors.Wrapf(ErrInput, "%s is no folder", f.Dir)
	}
	if f.Unlabeled {
		paths, err := imagesIn(f.Dir)
		if err == nil && len(paths) == 0 {
			err = errors.Wrapf(ErrInput, "%s has no image", f.Dir)
		}
		for _, path := range paths {
			files = append(files, imageFile{path, 0})
		}
		return files, nil, err
	}
	found, err := f.folders()
	if err != nil {
		return nil, nil, err
	}
	if names = found; f.Schema != nil {
		names = slices.Clone(f.Schema.Label.Categories)
	}
	for _, name := range found {
		class := slices.Index(names, name)
		if class < 0 {
			return nil, nil, errors.Wrapf(ErrInput, "the folder %q is none of the %d classes of the Schema", name,
				len(names))
		}
		paths, err := imagesIn(filepath.Join(f.Dir, name))
		if err != nil {
			return nil, nil, err
		}
		if len(paths) == 0 {
			return nil, nil, errors.Wrapf(ErrInput, "the class %q has no image: remove its folder, or fill it", name)
		}
		for _, path := range paths {
			files = append(files, imageFile{path, class})
		}
	}
	slices.SortStableFunc(files, func(a, b imageFile) int { return a.class - b.class })
	return files, names, nil
}

// folders returns the names of the folders in Dir, sorted.
func (f ImageFolder) folders() (names []string, err error) {
	entries, err := os.ReadDir(f.Dir) // sorted by name
	if err != nil {
		return nil, errors.WithStack(err)
	}
	for _, e := range entries {
		path := filepath.Join(f.Dir, e.Name())
		if hidden(e.Name()) {
			continue
		}
		info, err := os.Stat(path) // of what a link leads to
		switch {
		case err != nil:
			return nil, errors.WithStack(err)
		case info.IsDir():
			names = append(names, e.Name())
		case isImageName(e.Name()):
			return nil, errors.Wrapf(ErrInput, "%s lies in no folder of a class: move it into one, or set Unlabeled "+
				"to read images without classes", path)
		}
	}
	if len(names) == 0 {
		return nil, errors.Wrapf(ErrInput, "%s has no folder: want one for each class, with its images", f.Dir)
	}
	return names, nil
}

// imagesIn returns the paths of the images in a folder, and in those within, sorted.
func imagesIn(dir string) (paths []string, err error) {
	root := dir + string(filepath.Separator) // which WalkDir follows, if it is a link
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return errors.WithStack(err)
		case path == root:
			return nil
		case hidden(e.Name()) && e.IsDir():
			return fs.SkipDir
		case hidden(e.Name()) || e.IsDir():
			return nil
		}
		path = filepath.Clean(path)
		if e.Type()&fs.ModeSymlink != 0 {
			if info, err := os.Stat(path); err != nil {
				return errors.WithStack(err)
			} else if info.IsDir() {
				return errors.Wrapf(ErrInput, "%s is a link to a folder, which may lead anywhere: remove it", path)
			}
		}
		if !isImageName(e.Name()) {
			return errors.Wrapf(ErrInput, "%s is among the images, and is no .png, .jpg or .jpeg: remove or convert it",
				path)
		}
		paths = append(paths, path)
		return nil
	})
	slices.Sort(paths)
	return paths, err
}

// hidden reports whether a name is of what systems leave in folders.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.EqualFold(name, "Thumbs.db") ||
		strings.EqualFold(name, "desktop.ini")
}

func isImageName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".jpg", ".jpeg":
		return true
	}
	return false
}
