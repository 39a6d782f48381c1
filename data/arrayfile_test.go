package data_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// equalSets compares all of two sets, through batches of both dtypes and in another order.
func equalSets(t *testing.T, want, got *data.Set) {
	t.Helper()
	require.Equal(t, want.Len(), got.Len())
	require.Equal(t, want.Shape(), got.Shape())
	require.Equal(t, want.Labels(), got.Labels())
	require.Equal(t, want.ClassNames(), got.ClassNames())
	require.Equal(t, want.Checksum(), got.Checksum())
	for _, dt := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		for _, shuffle := range []bool{false, true} {
			cfg := data.BatchConfig{Size: 7, Shuffle: shuffle, Seed: 2, Last: data.FillLast}
			a, err := data.NewBatches(want, cfg)
			require.NoError(t, err)
			b, err := data.NewBatches(got, cfg)
			require.NoError(t, err)
			x, y := buffers(a, dt)
			x2, y2 := buffers(b, dt)
			for err := error(nil); err == nil; {
				err = a.Next(x, y)
				require.Equal(t, err, b.Next(x2, y2))
				require.Equal(t, x.Data(), x2.Data())
				require.Equal(t, y.Data(), y2.Data())
			}
		}
	}
}

// A set whose samples stay in their file is that of LoadArrays to the bit, of every type, also when it is divided and
// prepared.
func TestOpenedArraysAreThoseThatAreLoaded(t *testing.T) {
	dir := t.TempDir()
	write := func(name, descr, shape string, numbers []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, npy(fmt.Sprintf(
			"{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }", descr, shape), numbers...), 0o666))
		return path
	}
	labels := make([]byte, 50)
	for i := range labels {
		labels[i] = byte(3 * (i % 4))
	}
	y := write("y.npy", "|u1", "50", labels)
	for kind, width := range map[string]int{"|b1": 1, "|u1": 1, "|i1": 1, "<u2": 2, ">i2": 2, "<u4": 4, ">i4": 4,
		"<f4": 4, ">f8": 8, "<i8": 8} {
		var numbers []byte
		for i := range 50 * 6 {
			v := math.Sin(float64(i)) * 1e4
			switch kind {
			case "|b1":
				numbers = append(numbers, byte(i*i%3%2))
			case "<f4":
				numbers = binary.LittleEndian.AppendUint32(numbers, math.Float32bits(float32(v)))
			case ">f8":
				numbers = binary.BigEndian.AppendUint64(numbers, math.Float64bits(1e6+v))
			case "<i8":
				numbers = binary.LittleEndian.AppendUint64(numbers, uint64(int64(v)))
			default:
				for k := range width {
					numbers = append(numbers, byte(i*(31+k)))
				}
			}
		}
		for shape, cfg := range map[string]data.ArraysConfig{"50, 6": {}, "50, 1, 2, 3": {ChannelsLast: true},
			"50, 3, 2": {Scale: 0.3}} {
			x := write("x.npy", kind, shape, numbers)
			want, err := data.LoadArrays(x, y, cfg)
			require.NoError(t, err)
			got, err := data.OpenArrays(x, y, cfg)
			require.NoError(t, err)
			equalSets(t, want, got)
			prepare, err := data.Fit(want, data.Standardize{}, data.MinMax{})
			require.NoError(t, err)
			again, err := data.Fit(got, data.Standardize{}, data.MinMax{})
			require.NoError(t, err)
			require.Equal(t, prepare, again)
			for _, s := range []**data.Set{&want, &got} {
				*s, err = prepare.Apply(*s)
				require.NoError(t, err)
				_, *s, err = (*s).Split(0.4, 1)
				require.NoError(t, err)
			}
			equalSets(t, want, got)
			require.NoError(t, got.Close())
			require.NoError(t, want.Close()) // of no file
		}
	}
}

func TestOpenedArraysSayWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.npy")
	good := npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", make([]byte, 16)...)
	infinite := bytes.Clone(good)
	infinite[len(infinite)-1], infinite[len(infinite)-2] = 0x7f, 0x80
	for _, c := range []struct {
		file []byte
		cfg  data.ArraysConfig
		want string
	}{
		{good[:len(good)-1], data.ArraysConfig{}, "15 bytes follow the header, and it says float32 [2 2], which is 16"},
		{npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", make([]byte, 16)...), data.ArraysConfig{},
			"Fortran order, whose samples do not lie together"},
		{infinite, data.ArraysConfig{}, "sample 1: sample 0 holds +Inf at element 1"},
		{good, data.ArraysConfig{Scale: math.NaN()}, "scale is NaN"},
		{good, data.ArraysConfig{ChannelsLast: true}, "want n×h×w×c"},
		{good, data.ArraysConfig{Targets: true}, "Targets, and no array of them"},
		{npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }"), data.ArraysConfig{},
			"sizes of at least 1"},
		{npy("{'descr': '<u8', 'fortran_order': False, 'shape': (1, 1), }", 1, 0, 0, 0, 0, 0, 0, 0x7f),
			data.ArraysConfig{}, "number 0 of sample 0 is 9151314442816847873 of type uint64, and no float64"},
		{good[:3], data.ArraysConfig{}, "byte 3: the file ends"},
	} {
		require.NoError(t, os.WriteFile(path, c.file, 0o666))
		_, err := data.OpenArrays(path, "", c.cfg)
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "data: arrays: "+path)
	}
	_, err := data.OpenArrays(filepath.Join(dir, "none"), "", data.ArraysConfig{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = data.OpenArrays(path, filepath.Join(dir, "none"), data.ArraysConfig{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// A file that changes below an open set, or is closed, is an error of whatever reads it.
func TestOpenedArraysSayWhatCannotBeReadAnyMore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	for _, spoil := range []func(s *data.Set) error{
		func(*data.Set) error { return os.Truncate(path, 1000) },
		func(s *data.Set) error { return s.Close() },
	} {
		require.NoError(t, os.WriteFile(path, npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000, 100), }",
			make([]byte, 800000)...), 0o666))
		s, err := data.OpenArrays(path, "", data.ArraysConfig{})
		require.NoError(t, err)
		require.NoError(t, spoil(s))
		x := tensor.New(tensor.WithShape(2, 100), tensor.Of(tensor.Float64))
		for name, read := range map[string]func() error{
			"fill":  func() error { return s.Fill(x, 500, 2) },
			"row":   func() error { _, err := s.Row(nil, 3); return err },
			"fit":   func() error { _, err := data.Fit(s, data.Standardize{}); return err },
			"scale": func() error { _, err := data.Fit(s, data.MinMax{}); return err },
			"batch": func() error {
				b, err := data.NewBatches(s, data.BatchConfig{Size: 2, Shuffle: true})
				require.NoError(t, err)
				return b.Next(x, tensor.New(tensor.WithShape(2), tensor.Of(tensor.Float64)))
			},
		} {
			err := read()
			require.Error(t, err, name)
			require.Contains(t, err.Error(), path, name)
		}
		s.Close()
	}
}

// Many may read one set at a time.
func TestOpenedArraysAreReadByMany(t *testing.T) {
	set, err := data.OpenArrays("testdata/images.npy", "testdata/labels.npy", data.ArraysConfig{})
	require.NoError(t, err)
	defer set.Close()
	want, err := data.LoadArrays("testdata/images.npy", "testdata/labels.npy", data.ArraysConfig{})
	require.NoError(t, err)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 60 {
				i = (i*7 + g) % 60
				a, _ := want.Row(nil, i)
				b, err := set.Row(nil, i)
				if err != nil || !bytes.Equal([]byte(fmt.Sprint(a)), []byte(fmt.Sprint(b))) {
					t.Errorf("sample %d: %v, %v", i, b, err)
				}
			}
		})
	}
	all.Wait()
}

// Reading a set in order, and drawing batches of it, takes memory for a block.
func TestOpenedArraysAreNotHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	f, err := os.Create(path)
	require.NoError(t, err)
	const n, d = 1 << 14, 1 << 10 // 64 MiB
	_, err = f.Write(npy(fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", n, d)))
	require.NoError(t, err)
	at, err := f.Seek(0, io.SeekCurrent)
	require.NoError(t, err)
	require.NoError(t, f.Truncate(at+4*n*d)) // zeros, which take no room on most disks
	require.NoError(t, f.Close())
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	set, err := data.OpenArrays(path, "", data.ArraysConfig{})
	require.NoError(t, err)
	defer set.Close()
	x := tensor.New(tensor.WithShape(64, d), tensor.Of(tensor.Float32))
	most := uint64(0)
	for lo := 0; lo < n; lo += 64 {
		require.NoError(t, set.Fill(x, lo, 64))
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapAlloc)
	}
	require.Less(t, int64(most)-int64(before.HeapAlloc), int64(16<<20))
}
