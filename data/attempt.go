package data

import (
	"context"
	stderrors "errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/pkg/errors"
)

// errIdle ends a request whose answer has stopped arriving.
var errIdle = stderrors.New("nothing came for too long")

// attempt asks one server for the missing bytes of the part, and checks the whole file.
func (t *transfer) attempt(ctx context.Context, url string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(t.network.idle(), func() { cancel(errIdle) })
	defer watch.Stop()
	resp, err := t.ask(ctx, url)
	if err != nil {
		return because(ctx, err)
	}
	defer resp.Body.Close() // all that was wanted of it has been read, or its error is known
	watch.Reset(t.network.idle())
	if err := t.answer(resp, url); err != nil {
		return errors.WithMessage(err, url)
	}
	if err := t.copy(resp, func() { watch.Reset(t.network.idle()) }); err != nil {
		return errors.WithMessagef(because(ctx, err), "%s: after %d of %d bytes", url, t.done, t.total)
	}
	return t.check(url)
}

// because returns the cause of ctx's end, if that is what ended a request.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && stderrors.Is(err, context.Canceled) {
		return errors.Wrap(cause, err.Error())
	}
	return err
}

// ask sends the request for the bytes from done on, of the same version as the part, if the server names versions.
func (t *transfer) ask(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, &refusal{errors.WithStack(err)}
	}
	client := t.client
	if client == nil {
		client = http.DefaultClient
	}
	if s := req.URL.Scheme; client.Transport == nil && s != "http" && s != "https" {
		return nil, &refusal{errors.Errorf("%s: scheme %q, want http or https", url, s)}
	}
	req.Header.Set("Accept-Encoding", "identity") // the bytes that the checksum is of
	if t.done > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", t.done))
		if tag := t.tags[url]; tag != "" {
			req.Header.Set("If-Range", tag)
		}
	}
	resp, err := client.Do(req)
	var name *net.DNSError
	var late net.Error
	switch {
	case stderrors.As(err, &name) && name.IsNotFound, stderrors.Is(err, syscall.ECONNREFUSED):
		// there is no one to wait for
		return nil, &refusal{errors.WithStack(err)}
	case client.Timeout > 0 && stderrors.As(err, &late) && late.Timeout(): // the caller's own limit
		return nil, &refusal{errors.WithStack(err)}
	}
	return resp, errors.WithStack(err)
}

// answer decides by the header of a response whether it is what was asked for, and whether it is the rest of the part
// or the whole file again.
func (t *transfer) answer(resp *http.Response, url string) error {
	switch code := resp.StatusCode; {
	case code == http.StatusOK:
		if err := t.restart(); err != nil {
			return err
		}
	case code == http.StatusPartialContent:
		var lo, hi, all int64
		// of 2 the size is unknown
		n, _ := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &lo, &hi, &all)
		if n < 2 || lo != t.done || n == 3 && t.size > 0 && all != t.size {
			asked := t.done
			if err := t.restart(); err != nil {
				return err
			}
			return errors.Errorf("sent %q, and bytes from %d on of %d were asked for", resp.Header.Get("Content-Range"),
				asked, t.size)
		}
	case code == http.StatusRequestedRangeNotSatisfiable:
		if err := t.restart(); err != nil {
			return err
		}
		return errors.Errorf("status %s", resp.Status)
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout:
		return errors.Errorf("status %s", resp.Status)
	default:
		return &refusal{errors.Errorf("status %s", resp.Status)}
	}
	if n := resp.ContentLength; n >= 0 && (t.size > 0 && t.done+n != t.size || t.done+n > maxRemote) {
		would := t.done + n
		if err := t.restart(); err != nil {
			return err
		}
		return &refusal{errors.Wrapf(ErrChecksum, "it would be %d bytes, want %d", would, t.limit())}
	}
	t.total = t.size
	if t.size == 0 && resp.ContentLength >= 0 {
		t.total = t.done + resp.ContentLength
	}
	if tag := resp.Header.Get("ETag"); tag != "" && tag[0] == '"' { // weak ones do not do
		t.tags[url] = tag
	} else {
		t.tags[url] = resp.Header.Get("Last-Modified")
	}
	return nil
}

// limit returns the most bytes that the file can have.
func (t *transfer) limit() int64 {
	if t.size > 0 {
		return t.size
	}
	return maxRemote
}

// copy appends the body to the part, and calls alive whenever some of it comes.
func (t *transfer) copy(resp *http.Response, alive func()) error {
	var disk io.Writer = t.part
	if t.disk != nil {
		disk = t.disk(disk)
	}
	buf := make([]byte, 1<<16)
	for {
		n, err := resp.Body.Read(buf)
		if n > 0 {
			alive()
			if t.done+int64(n) > t.limit() {
				if e := t.restart(); e != nil {
					return e
				}
				return &refusal{errors.Wrapf(ErrChecksum, "more than %d bytes came", t.limit())}
			}
			if _, e := disk.Write(buf[:n]); e != nil {
				return &useless{errors.WithStack(e)}
			}
			t.done += int64(n)
			t.most = max(t.most, t.done)
			if t.progress != nil {
				t.progress(t.done, t.total)
			}
		}
		switch {
		case err == io.EOF && t.size > 0 && t.done < t.size:
			return errors.WithStack(io.ErrUnexpectedEOF)
		case err == io.EOF:
			return nil
		case err != nil:
			return errors.WithStack(err)
		}
	}
}
