package safetensors

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/atomicfile"
)

// WriteFile writes the tensors and the text meta to a file that appears at path
// whole or not at all. See Write and package atomicfile.
func WriteFile(path string, tensors []Tensor, meta map[string]string) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Write(w, tensors, meta) })
}

// Write writes the tensors and the text meta, which may be nil, to w. The same
// tensors and text give the same bytes, in whatever order they are.
//
// Errors: two tensors of one name, a name that the format keeps for itself, text
// that is not UTF-8, a dtype that is unknown, data that do not fill their shape,
// a header above MaxHeader. They are found before the first byte is written.
func Write(w io.Writer, tensors []Tensor, meta map[string]string) error {
	tensors = slices.SortedFunc(slices.Values(tensors), func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.DType.Bits(), a.DType.Bits()), cmp.Compare(a.Name, b.Name))
	})
	if err := checkTensors(tensors); err != nil {
		return err
	}
	head, err := header(tensors, meta)
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return errors.Wrapf(err, "safetensors: write header")
	}
	for _, t := range tensors {
		if _, err := w.Write(t.Data); err != nil {
			return errors.Wrapf(err, "safetensors: write tensor %q", t.Name)
		}
	}
	return nil
}

// checkTensors reports the first tensor that cannot be written.
func checkTensors(tensors []Tensor) error {
	seen := make(map[string]bool, len(tensors))
	for _, t := range tensors {
		switch size, err := t.size(); {
		case err != nil:
			return errors.WithMessagef(err, "safetensors: tensor %q", t.Name)
		case size != len(t.Data):
			return errors.Errorf("safetensors: tensor %q: %s of shape %v takes %d bytes, but there are %d",
				t.Name, t.DType, t.Shape, size, len(t.Data))
		case t.Name == metadata:
			return errors.Errorf("safetensors: tensor name %q is kept for the text: choose another", t.Name)
		case seen[t.Name]:
			return errors.Errorf("safetensors: two tensors are named %q", t.Name)
		}
		seen[t.Name] = true
	}
	return nil
}

// header returns the length and the padded JSON that describe the tensors, in
// their order, and the text.
func header(tensors []Tensor, meta map[string]string) ([]byte, error) {
	w := &headerWriter{b: []byte("        {")}
	if len(meta) > 0 {
		w.field(metadata)
		w.b = append(w.b, '{')
		for _, key := range slices.Sorted(maps.Keys(meta)) {
			w.field(key)
			w.string(meta[key])
		}
		w.b = append(w.b, '}')
	}
	offset := 0
	for _, t := range tensors {
		w.field(t.Name)
		w.entry(t, offset)
		offset += len(t.Data)
	}
	w.b = append(w.b, '}')
	for len(w.b)%8 != 0 {
		w.b = append(w.b, ' ')
	}
	w.limit(0)
	if w.err != nil {
		return nil, w.err
	}
	binary.LittleEndian.PutUint64(w.b, uint64(len(w.b)-8))
	return w.b, nil
}

// A headerWriter appends JSON to b, and keeps the first error.
type headerWriter struct {
	b   []byte
	err error
}

// limit reports a header that is above MaxHeader with more bytes.
func (w *headerWriter) limit(more int) {
	if n := len(w.b) - 8 + more; n > MaxHeader && w.err == nil {
		w.err = errors.Errorf(
			"safetensors: the header takes %d bytes or more, the limit is %d: write fewer tensors or less text", n,
			MaxHeader)
	}
}

// field begins the field of that name in an object.
func (w *headerWriter) field(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.string(name)
	w.b = append(w.b, ':')
}

// entry appends what the header says of t, whose data start at offset.
func (w *headerWriter) entry(t Tensor, offset int) {
	w.b = append(w.b, '{')
	w.field("dtype")
	w.string(string(t.DType))
	w.field("shape")
	w.ints(t.Shape...)
	w.field("data_offsets")
	w.ints(offset, offset+len(t.Data))
	w.b = append(w.b, '}')
}

// ints appends v as an array.
func (w *headerWriter) ints(v ...int) {
	w.b = append(w.b, '[')
	for i, x := range v {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = strconv.AppendInt(w.b, int64(x), 10)
	}
	w.b = append(w.b, ']')
}

// string appends s.
func (w *headerWriter) string(s string) {
	if w.limit(len(s)); w.err != nil {
		return
	}
	if !utf8.ValidString(s) {
		w.err = errors.Errorf("safetensors: %.80q is not UTF-8 text", s)
		return
	}
	quoted, err := json.Marshal(s)
	w.b, w.err = append(w.b, quoted...), errors.Wrapf(err, "safetensors: %.80q", s)
}
