package data

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"path/filepath"
	"strings"

	"os"

	"github.com/pkg/errors"
)

// hashOf returns the hash that the checksum is of, by its length, and its name.
//
// MD5 detects a damaged file, but not one that was made to deceive; it is here because some authors publish nothing
// else.
func hashOf(sum string) (hash.Hash, string) {
	if len(sum) == hex.EncodedLen(md5.Size) {
		return md5.New(), "MD5"
	}
	return sha256.New(), "SHA-256"
}

// sumOf returns the checksum of all that r has, of the kind that want is, and its
// bytes.
func sumOf(r io.Reader, want string) (sum string, n int64, err error) {
	h, _ := hashOf(want)
	n, err = io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// verify compares the checksum of n bytes to the published one.
func verify(sum string, n int64, want string) error {
	if !strings.EqualFold(sum, want) {
		_, name := hashOf(want)
		return errors.Wrapf(ErrChecksum, "%s %s of %d bytes, want %s", name, sum, n, want)
	}
	return nil
}

// verifyFile checks the file at path, which must have size bytes if that is known.
func verifyFile(path, want string, size int64) error {
	f, n, err := openFile(path, maxRemote)
	if err != nil {
		return err
	}
	defer f.Close()
	if size > 0 && n != size {
		return errors.Wrapf(ErrChecksum, "%s has %d bytes, want %d: %s", path, n, size, anew)
	}
	sum, n, err := sumOf(f, want)
	if err != nil {
		return errors.WithStack(err)
	}
	return errors.WithMessagef(verify(sum, n, want), "%s: %s", path, anew)
}

// anew says what to do about a file that is not the published one. It is not deleted: it may be the only copy of
// something else.
const anew = "to fetch it anew, give it another name, or set Dir to another directory"

// openFile opens the regular file at path, and returns its size, which is at most
// most. Nothing is read before that is known: not from a device, not from a pipe,
// which would wait, and not from a file of holes.
func openFile(path string, most int64) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, errors.WithStack(err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.Wrapf(ErrFormat, "%s is no regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, errors.WithStack(err)
	}
	if info, err = f.Stat(); err == nil && info.Size() > most {
		err = errors.Wrapf(ErrFormat, "%s has %d bytes, and such a file has at most %d", path, info.Size(), most)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// cacheDir returns dir, or if it is "" the directory of that name in the cache.
func cacheDir(dir, name string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "whitebox", name), errors.Wrap(err, "no cache directory: set Dir")
}
