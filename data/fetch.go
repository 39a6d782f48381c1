package data

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// Network says how patiently files are fetched. The zero value of a field is its
// default.
//
// A file arrives in .NAME.download beside its place, and is moved there when it is whole and its checksum is right.
// The download continues from what an earlier try, or a process that was killed, has left there. Two processes that
// fetch the same file take turns.
type Network struct {
	Idle  time.Duration // longest wait for a connection, an answer, or the next bytes; 0 is 30 s
	Tries int           // in a row that bring no new bytes, before it gives up; 0 is 4
	Wait  time.Duration // before the second of these, twice as long before each further one, at most a minute; 0 is 1 s
}

func (n Network) idle() time.Duration { return orDuration(n.Idle, 30*time.Second) }
func (n Network) wait() time.Duration { return min(orDuration(n.Wait, time.Second), time.Minute) }

func orDuration(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

// maxRemote is the most bytes of a file whose size is not published.
const maxRemote = 1 << 30

// A remote is a file on the network, at one or more places, with its published
// checksum.
type remote struct {
	urls []string
	sum  string // SHA-256 or MD5, in hex
	size int64  // 0 if it is not published
}

// A fetcher gets files from the network.
type fetcher struct {
	client   *http.Client            // nil is http.DefaultClient
	progress func(done, total int64) // nil is none
	network  Network
	disk     func(w io.Writer) io.Writer // what a test puts before the disk; nil is nothing
}

// get puts r at path, complete and checked, or leaves path as it was. If the network failed or ctx was done, the
// partial file stays for the next time; it is removed if it is of no use.
func (f fetcher) get(ctx context.Context, r remote, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return errors.WithStack(err)
	}
	part, err := claim(ctx, path)
	if err != nil || part == nil { // or another process has fetched it
		return err
	}
	defer part.Close()
	t := &transfer{fetcher: f, remote: r, part: part, tags: make(map[string]string)}
	err = t.run(ctx)
	var lost *useless
	if t.done == 0 || errors.As(err, &lost) {
		if e := os.Remove(part.Name()); err == nil {
			err = errors.WithStack(e)
		}
	}
	if err != nil {
		return err
	}
	return atomicfile.Place(part, path)
}

// A transfer is the fetching of one file into a part of it.
type transfer struct {
	fetcher
	remote
	part  *os.File
	done  int64             // bytes of the part
	total int64             // it will have, 0 if unknown
	most  int64             // the most it ever had
	old   bool              // some of them are of an earlier process
	tags  map[string]string // what each place calls the version of the file, if it does
}

// run tries the places in turn until the part is whole and checked.
func (t *transfer) run(ctx context.Context) (err error) {
	if t.done, err = t.part.Seek(0, io.SeekEnd); err != nil {
		return errors.WithStack(err)
	}
	t.old = t.done > 0
	if t.size > 0 && t.done == t.size {
		if err := t.check("the part"); err == nil {
			return nil
		}
	}
	t.most = t.done
	places := slices.Clone(t.urls)
	wait := t.network.wait()
	for try := 1; ; try++ {
		for i := 0; i < len(places); {
			before := t.most
			err = t.attempt(ctx, places[i])
			var no *refusal
			var lost *useless
			switch {
			case err == nil:
				return nil
			case ctx.Err() != nil:
				return errors.WithMessagef(context.Cause(ctx), "%s: after %d of %d bytes", places[i], t.done, t.total)
			case errors.As(err, &lost):
				return err
			case errors.As(err, &no):
				places = slices.Delete(places, i, i+1)
			default:
				i++
			}
			if t.most > before {
				try, wait = 0, t.network.wait()
			}
		}
		if len(places) == 0 {
			return err
		}
		if try >= max(cmp.Or(t.network.Tries, 4), 1) {
			return errors.WithMessagef(err, "gave up after %d tries, with %d bytes to go on from", try, t.done)
		}
		if e := sleep(ctx, wait); e != nil {
			return e
		}
		wait = min(2*wait, time.Minute)
	}
}

// sleep waits for a time, or until ctx is done.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return errors.WithStack(context.Cause(ctx))
	case <-timer.C:
		return nil
	}
}

// restart discards the partial file.
func (t *transfer) restart() error {
	t.done, t.old = 0, false
	if err := t.part.Truncate(0); err != nil {
		return &useless{errors.WithStack(err)}
	}
	_, err := t.part.Seek(0, io.SeekStart)
	if err != nil {
		return &useless{errors.WithStack(err)}
	}
	return nil
}

// check compares the whole part to the published checksum. A file that does not match is discarded; if some of its
// bytes came from another process, it is fetched once more.
func (t *transfer) check(url string) error {
	if _, err := t.part.Seek(0, io.SeekStart); err != nil {
		return &useless{errors.WithStack(err)}
	}
	sum, n, err := sumOf(t.part, t.sum)
	if err != nil {
		return &useless{errors.WithStack(err)}
	}
	if err := verify(sum, n, t.sum); err != nil {
		mixed := t.old
		if e := t.restart(); e != nil {
			return e
		}
		if err = errors.WithMessage(err, url); mixed {
			return err
		}
		return &refusal{err}
	}
	return nil
}

// A refusal is an error of a server that a repeated request would not change.
type refusal struct{ error }

func (e *refusal) Unwrap() error { return e.error }

// A useless error leaves a partial file that no later try could continue, as on a full disk.
type useless struct{ error }

func (e *useless) Unwrap() error { return e.error }
