package data

import (
	"archive/zip"
	"context"
	"encoding/hex"
	stderrors "errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/pkg/errors"
)

// load returns both sets, from where m says.
func (p published) load(ctx context.Context, m MNIST) (train, test *Set, err error) {
	if ctx == nil {
		return nil, nil, errors.Wrapf(ErrInput, "data: %s: the context is nil", p.name)
	}
	dir, err := cacheDir(m.Dir, p.cache)
	if err != nil {
		return nil, nil, errors.WithMessage(err, "data: "+p.name)
	}
	at := &lookup{published: p, MNIST: m, dir: dir}
	defer at.close()
	var sets [2]*Set
	for i, pair := range p.pairs {
		if sets[i], err = at.set(ctx, pair); err != nil {
			return nil, nil, errors.WithMessage(err, "data: "+p.name)
		}
	}
	return sets[0], sets[1], nil
}

// A lookup says where the files of a published set are looked for.
type lookup struct {
	published
	MNIST
	dir     string
	archive *zip.Reader
	file    *os.File // of the archive
}

func (l *lookup) close() {
	if l.file != nil {
		l.file.Close() // only read
	}
}

func (l *lookup) set(ctx context.Context, p pair) (*Set, error) {
	x, err := l.read(ctx, p.images)
	if err != nil {
		return nil, err
	}
	y, err := l.read(ctx, p.labels)
	if err != nil {
		return nil, err
	}
	set, err := l.layout.set(x, y)
	return set, errors.WithMessagef(err, "%s and %s", p.images.name, p.labels.name)
}

// read returns one file's array: of a file whose checksum is known, else from the
// archive, else of any such file, which it may refuse, else from the network.
func (l *lookup) read(ctx context.Context, f publishedFile) (idxArray, error) {
	if err := ctx.Err(); err != nil {
		return idxArray{}, errors.WithStack(err)
	}
	at, known, err := l.find(f)
	if err != nil {
		return idxArray{}, err
	}
	if l.zip.name != "" && (at == "" || !known) {
		if a, found, err := l.member(ctx, f, at == ""); found || err != nil {
			return a, err
		}
	}
	if at == "" {
		at = filepath.Join(l.dir, f.name+".gz")
		err = l.fetch(ctx, at, remote{urls: l.places("/" + f.name + ".gz"), sum: l.sum(f.name+".gz", f.gz),
			size: l.size(f.name+".gz", f.size)})
	}
	if err != nil {
		return idxArray{}, err
	}
	return l.open(at, f)
}

// find returns the path of the plain file or the .gz, in that order, if possible of one
// whose checksum is known; "" if there is none.
func (l *lookup) find(f publishedFile) (at string, known bool, err error) {
	for _, below := range append([]string{""}, l.below...) {
		for _, name := range []string{f.name, f.name + ".gz"} {
			here := filepath.Join(l.dir, filepath.FromSlash(below), name)
			switch _, err := os.Stat(here); {
			case stderrors.Is(err, fs.ErrNotExist), isFile(l.dir):
				continue
			case err != nil:
				return "", false, errors.WithStack(err)
			}
			want, _ := l.wants(name, f)
			if want != "" || l.Unchecked {
				return here, true, nil
			}
			if at == "" {
				at = here
			}
		}
	}
	return at, false, nil
}

// isFile reports whether dir is an archive rather than a directory.
func isFile(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode().IsRegular()
}

// sum returns the checksum that the file of that name must have: that of Sums, or the
// published one.
func (l *lookup) sum(name, published string) string {
	if s, ok := l.Sums[name]; ok {
		return s
	}
	return published
}

// size returns the published size of a file that must be the published one, else 0.
func (l *lookup) size(name string, published int64) int64 {
	if _, ok := l.Sums[name]; ok {
		return 0
	}
	return published
}

// wants returns the checksum and the size that the plain file or the .gz must have, as
// far as they are known.
func (l *lookup) wants(name string, f publishedFile) (sum string, size int64) {
	sum, size = l.sum(name, f.plain), l.size(name, f.whole)
	if name != f.name {
		sum, size = l.sum(name, f.gz), l.size(name, f.size)
	}
	if l.Unchecked {
		return "", 0
	}
	return sum, size
}

// places returns the URLs of a file.
func (l *lookup) places(file string) []string {
	bases := l.urls
	if l.URL != "" {
		bases = []string{l.URL}
	}
	var urls []string
	for _, base := range append(bases[:len(bases):len(bases)], l.Mirrors...) {
		urls = append(urls, base+file)
	}
	return urls
}

// fetch gets a file from the network, checks it, and puts it at path.
func (l *lookup) fetch(ctx context.Context, path string, r remote) error {
	if !l.Download || l.Offline {
		return errors.Wrapf(ErrNotFound, "%s: set Dir to where %s lies, or Download to fetch it", path, l.name)
	}
	if r.sum == "" {
		return errors.Wrapf(ErrChecksum, "%s: nobody has published its checksum: give it in Sums", path)
	}
	return fetcher{client: l.Client, progress: l.Progress, network: l.Network}.get(ctx, r, path)
}

// open reads the file at path and compares its checksum.
func (l *lookup) open(path string, f publishedFile) (idxArray, error) {
	name := filepath.Base(path)
	want, size := l.wants(name, f)
	if want == "" && !l.Unchecked {
		return idxArray{}, errors.Wrapf(ErrChecksum, "%s: nobody has published its checksum: give it in Sums, as "+
			"sha256sum prints it, or set Unchecked to take the file as it is", path)
	}
	file, n, err := openFile(path, idxMaxSize)
	if err != nil {
		return idxArray{}, err
	}
	defer file.Close()
	if size > 0 && n != size {
		return idxArray{}, l.other(path, errors.Wrapf(ErrChecksum, "%d bytes, want %d", n, size))
	}
	h, _ := hashOf(want)
	r := io.TeeReader(file, h)
	a, bad := readIDX(r, n)
	if l.Unchecked {
		return a, errors.WithMessage(bad, path)
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return idxArray{}, errors.WithStack(err)
	}
	if err := verify(hex.EncodeToString(h.Sum(nil)), n, want); err != nil {
		return idxArray{}, l.other(path, err)
	}
	return a, errors.WithMessage(bad, path)
}

// other says what a file is that is not the published one, if that is known, and what to do about it, without ever
// deleting it.
func (l *lookup) other(path string, err error) error {
	if sum, e := fileSum(path); e == nil {
		if set, file := whose(sum); set.name != "" {
			return errors.WithMessagef(err, "%s is %s of %s: read it with data.%s, and give %s another Dir", path, file,
				set.name, set.typ, l.name)
		}
	}
	return errors.WithMessagef(err,
		"%s is not the published file of %s: to read Fashion-MNIST or Kuzushiji-MNIST, use the type of that name, "+
			"and for other data Sums or Unchecked; to fetch %s, set another Dir", path, l.name, l.name)
}

// fileSum returns the SHA-256 of a file that is no larger than those that are known.
func fileSum(path string) (string, error) {
	f, _, err := openFile(path, 1<<26)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum, _, err := sumOf(f, "")
	return sum, errors.WithStack(err)
}

// member returns the array of a file in the archive, which it fetches if that is allowed. found says whether there is
// an archive.
func (l *lookup) member(ctx context.Context, f publishedFile, fetch bool) (a idxArray, found bool, err error) {
	if l.archive == nil {
		if err := l.openArchive(ctx, fetch); err != nil || l.archive == nil {
			return a, false, err
		}
	}
	for _, m := range l.archive.File {
		if name := path.Base(m.Name); name != f.name && name != f.name+".gz" {
			continue
		}
		r, err := m.Open()
		if err != nil {
			return a, true, errors.Wrapf(ErrFormat, "%s: %s: %v", l.file.Name(), m.Name, err)
		}
		defer r.Close()
		a, err := readIDX(zipErrors{r}, -1)
		return a, true, errors.WithMessagef(err, "%s: %s", l.file.Name(), m.Name)
	}
	return a, true, errors.Wrapf(ErrFormat, "%s has no %s.gz", l.file.Name(), f.name)
}

// zipErrors is the content of a member, whose errors are of the content.
type zipErrors struct{ io.Reader }

func (r zipErrors) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if stderrors.Is(err, zip.ErrChecksum) || stderrors.Is(err, zip.ErrFormat) {
		err = errors.Wrap(ErrFormat, err.Error())
	}
	return n, err
}

// openArchive opens the archive and compares its checksum, if there is one or it may be
// fetched.
func (l *lookup) openArchive(ctx context.Context, fetch bool) error {
	at := l.dir
	if !isFile(at) {
		at = ""
		for _, below := range append([]string{""}, l.below...) {
			if here := filepath.Join(l.dir, filepath.FromSlash(below), l.zip.name); at == "" && isFile(here) {
				at = here
			}
		}
	}
	sum, size := l.wants(l.zip.name, l.zip)
	switch {
	case at == "" && !fetch:
		return nil
	case at == "":
		at = filepath.Join(l.dir, l.zip.name)
		r := remote{urls: l.places(""), sum: l.sum(l.zip.name, l.zip.plain), size: l.size(l.zip.name, l.zip.whole)}
		if err := l.fetch(ctx, at, r); err != nil {
			return err
		}
	case !l.Unchecked:
		if err := verifyFile(at, sum, size); err != nil {
			return err
		}
	}
	f, n, err := openFile(at, maxRemote)
	if err != nil {
		return err
	}
	if l.archive, err = zip.NewReader(f, n); err != nil {
		f.Close()
		return errors.Wrapf(ErrFormat, "%s: %v", at, err)
	}
	l.file = f
	return nil
}
