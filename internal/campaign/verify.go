package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/rundir"
	"github.com/whitebox-nn/whitebox/internal/safetensors"
)

// A run is the files of a run, by their paths in its folder. What tells of seconds is
// taken out of them.
type run struct{ files map[string][]byte }

// readRun reads a run. A file that is broken is an error; temporary files left by killed writers, which are never
// read, and the lock are left out.
func readRun(dir string) (run, error) {
	r := run{map[string][]byte{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || isLeft(d.Name()) {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if r.files[filepath.ToSlash(name)], err = sound(path, text); err != nil {
			return errors.WithMessagef(err, "%s is broken", name)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) { // the run was killed before it made the folder
		return r, nil
	}
	return r, errors.WithStack(err)
}

// isLeft reports whether a file would not be there after a run that has ended well.
func isLeft(name string) bool { return strings.HasSuffix(name, ".part") || name == rundir.LockName }

// sound checks that a file is whole, and returns it without seconds.
func sound(path string, text []byte) ([]byte, error) {
	switch filepath.Ext(path) {
	case ".safetensors":
		_, err := safetensors.ReadFile(path)
		return text, err
	case ".json":
		return withoutSeconds(text)
	case ".jsonl":
		for line := range bytes.Lines(text) {
			if !json.Valid(line) || !bytes.HasSuffix(line, []byte("\n")) {
				return nil, errors.Errorf("line %q", line)
			}
		}
	case ".csv":
		_, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		return text, errors.WithStack(err)
	case ".png":
		_, err := png.Decode(bytes.NewReader(text))
		return text, errors.WithStack(err)
	case ".svg":
		return text, wellFormed(text)
	case ".html":
		if !bytes.Contains(text, []byte("</html>")) {
			return nil, errors.New("it has no end")
		}
		return nil, nil // it tells of seconds
	case ".txt":
		if !bytes.HasSuffix(text, []byte("\n")) {
			return nil, errors.New("it has no end")
		}
		return nil, nil // seconds
	}
	return text, nil
}

func wellFormed(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return errors.WithStack(err)
		}
	}
}

// withoutSeconds returns JSON without the values whose names tell of seconds.
func withoutSeconds(text []byte) ([]byte, error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, errors.WithStack(err)
	}
	strip(v)
	out, err := json.Marshal(v)
	return out, errors.WithStack(err)
}

func strip(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, of := range v {
			if strings.Contains(key, "seconds") {
				delete(v, key)
				continue
			}
			strip(of)
		}
	case []any:
		for _, of := range v {
			strip(of)
		}
	}
}

// differences returns the names of files that differ, or that only one run has.
func (r run) differences(other run) (names []string) {
	all := maps.Clone(r.files)
	maps.Copy(all, other.files)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		ours, ok := r.files[name]
		theirs, known := other.files[name]
		if !ok || !known || !bytes.Equal(ours, theirs) {
			names = append(names, name)
		}
	}
	return names
}

// check checks a run that is done: equal to the undisturbed one, and nothing left. Its
// seconds are above 0, and at most those that its processes took.
func (b *bench) check(name string, took time.Duration) error {
	r, err := readRun(b.at(name))
	if err != nil {
		return err
	}
	if other := r.differences(b.want); len(other) > 0 {
		return errors.Errorf("other than undisturbed: %s", strings.Join(other, ", "))
	}
	if err := b.checkSeconds(name, took); err != nil {
		return err
	}
	return b.checkLeft(name)
}

// checkSeconds checks the times of training in summary.json.
func (b *bench) checkSeconds(name string, took time.Duration) error {
	text, err := os.ReadFile(filepath.Join(b.at(name), "summary.json"))
	if err != nil {
		return errors.WithStack(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return errors.WithStack(err)
	}
	all := seconds(v, false)
	sum := 0.0
	for _, s := range all {
		sum += s
	}
	if len(all) == 0 || slices.Min(all) <= 0 || sum > took.Seconds() {
		return errors.Errorf("summary.json tells of %v seconds, of %.2f that the run took", all, took.Seconds())
	}
	return nil
}

// seconds returns the numbers under names that tell of seconds.
func seconds(v any, under bool) (all []float64) {
	switch v := v.(type) {
	case float64:
		if under {
			all = append(all, v)
		}
	case map[string]any:
		for key, of := range v {
			all = append(all, seconds(of, under || strings.Contains(key, "seconds"))...)
		}
	case []any:
		for _, of := range v {
			all = append(all, seconds(of, under)...)
		}
	}
	return all
}

// checkLeft checks that no temporary file and no lock is left of a run that has ended by
// itself, and that no file is broken.
func (b *bench) checkLeft(name string) error {
	if _, err := readRun(b.at(name)); err != nil {
		return err
	}
	return errors.WithStack(filepath.WalkDir(b.at(name), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && isLeft(d.Name()) {
			err = fmt.Errorf("%s is left", d.Name())
		}
		return err
	}))
}

// sizeOf returns the bytes of all files of a folder.
func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, errors.WithStack(err)
}
