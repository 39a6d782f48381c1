package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// A remote is a file on the network, with its published size and SHA-256.
type remote struct {
	url, sum string
	size     int64
}

// A fetcher gets files from the network.
type fetcher struct {
	client   *http.Client            // nil is http.DefaultClient
	progress func(done, total int64) // nil is none
	write    func(path string, fill func(io.Writer) error) error
}

// get puts r at path, whole and checked, or leaves path as it was.
func (f fetcher) get(ctx context.Context, r remote, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return errors.WithStack(err)
	}
	write := f.write
	if write == nil {
		write = atomicfile.Write
	}
	return write(path, func(w io.Writer) error { return f.copy(ctx, r, w) })
}

// copy writes the checked bytes of r to w.
func (f fetcher) copy(ctx context.Context, r remote, w io.Writer) (err error) {
	client := f.client
	if client == nil {
		client = http.DefaultClient
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return errors.WithStack(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() {
		if e := resp.Body.Close(); err == nil && e != nil {
			err = errors.Wrap(e, r.url)
		}
	}()
	if resp.StatusCode != http.StatusOK {
		return errors.Errorf("%s: status %s", r.url, resp.Status)
	}
	sum := sha256.New()
	body := &counted{r: io.LimitReader(resp.Body, r.size+1), total: r.size, progress: f.progress}
	if _, err := io.Copy(io.MultiWriter(sum, w), body); err != nil {
		return errors.Wrapf(err, "%s: after %d of %d bytes", r.url, body.done, r.size)
	}
	return errors.WithMessage(verify(sum.Sum(nil), body.done, r.sum), r.url)
}

// counted is a reader that tells how far it is.
type counted struct {
	r           io.Reader
	done, total int64
	progress    func(done, total int64)
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.done += int64(n)
	if c.progress != nil && n > 0 {
		c.progress(c.done, c.total)
	}
	return n, err
}

// verify compares the SHA-256 of n bytes to the published one.
func verify(sum []byte, n int64, want string) error {
	if got := hex.EncodeToString(sum); got != want {
		return errors.Wrapf(ErrChecksum, "SHA-256 %s of %d bytes, want %s", got, n, want)
	}
	return nil
}

// verifyFile checks the file at path.
func verifyFile(path, want string) error {
	f, err := os.Open(path)
	if err != nil {
		return errors.WithStack(err)
	}
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return errors.WithStack(err)
	}
	return errors.WithMessagef(verify(sum.Sum(nil), n, want), "%s: remove it, and fetch it anew", path)
}

// cacheDir returns dir, or if it is "" the directory of that name in the cache.
func cacheDir(dir, name string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "whitebox", name), errors.Wrap(err, "no cache directory: set Dir")
}
