package data

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// record returns an image whose pixel p of channel c is first + c + p, of the
// labels.
func record(first int, labels ...byte) []byte {
	b := slices.Clone(labels)
	for c := range 3 {
		for p := range cifarSide * cifarSide {
			b = append(b, byte(first+c+p))
		}
	}
	return b
}

// A member is one of an archive.
type member struct {
	name string
	body []byte
	kind byte // 0 is a regular file
}

// archiveOf returns a .tar.gz.
func archiveOf(t testing.TB, members ...member) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	w := tar.NewWriter(z)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o644, Typeflag: tar.TypeReg, Size: int64(len(m.body))}
		if m.kind != 0 {
			h.Typeflag, h.Linkname = m.kind, "elsewhere"
		}
		require.NoError(t, w.WriteHeader(h))
		_, err := w.Write(m.body)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	return buf.Bytes()
}

// tiny are the files of a CIFAR-10 of three images to train on and one to test.
func tiny() []member {
	return []member{
		{name: "cifar-10-batches-bin/data_batch_2.bin", body: record(3, 9)},
		{name: "cifar-10-batches-bin/readme.html", body: []byte("hello")},
		{name: "cifar-10-batches-bin/test_batch.bin", body: record(4, 5)},
		{name: "cifar-10-batches-bin/data_batch_1.bin", body: slices.Concat(record(1, 7), record(2, 0))},
	}
}

func checkTiny(t *testing.T, train, test *Set, err error) {
	t.Helper()
	require.NoError(t, err)
	require.Equal(t, []int{3, 32, 32}, train.Shape())
	require.Equal(t, []int{7, 0, 9}, train.Labels(), "in the order of the batches, not of the archive")
	require.Equal(t, []int{5}, test.Labels())
	require.Equal(t, 10, train.Classes())
	for i := range 3 {
		row, err := train.Row(nil, i)
		require.NoError(t, err)
		for _, p := range []int{0, 1, 33, 1024, 2048, 3071} {
			require.InDelta(t, float64(byte(1+i+p/1024+p%1024))/255, row[p], 1e-15)
		}
	}
}

func put(t *testing.T, dir string, files ...member) {
	t.Helper()
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, f.body, 0o600))
	}
}

func TestCIFARIsFoundWhereItLies(t *testing.T) {
	whole := archiveOf(t, tiny()...)
	var flat []member
	for _, f := range tiny() {
		flat = append(flat, member{name: filepath.Base(f.name), body: f.body})
	}
	for name, c := range map[string]struct {
		files []member
		dir   string
	}{
		"unpacked":        {tiny(), ""},
		"files":           {flat, ""},
		"archive":         {[]member{{name: "cifar-10-binary.tar.gz", body: whole}}, ""},
		"archive by name": {[]member{{name: "any.tgz", body: whole}}, "any.tgz"},
		"the only archive": {[]member{{name: "cifar-10-part.tar.gz", body: whole}, {name: "cifar-100-binary.tar.gz"}},
			""},
		"official if there": {[]member{{name: "cifar-10-binary.tar.gz", body: whole}, {name: "cifar-10-python.tar.gz"}},
			""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a [b") // no pattern
			require.NoError(t, os.Mkdir(dir, 0o700))
			put(t, dir, c.files...)
			train, test, err := CIFAR10{Dir: filepath.Join(dir, c.dir)}.Load(t.Context())
			checkTiny(t, train, test, err)
		})
	}
}

func TestCIFAR100HasTwoKindsOfLabels(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, member{name: "train.bin", body: slices.Concat(record(1, 19, 99), record(2, 0, 31))},
		member{name: "test.bin", body: record(3, 4, 5)})
	fine, test, err := CIFAR100{Dir: dir}.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{99, 31}, fine.Labels())
	require.Equal(t, []int{5}, test.Labels())
	require.Equal(t, 100, fine.Classes())
	row, err := fine.Row(nil, 1)
	require.NoError(t, err)
	require.InDelta(t, 2.0/255, row[0], 1e-15)
	coarse, test, err := CIFAR100{Dir: dir, Coarse: true}.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{19, 0}, coarse.Labels())
	require.Equal(t, []int{4}, test.Labels())
	require.Equal(t, 20, coarse.Classes())
}

func TestCIFARTrustsNoFile(t *testing.T) {
	good := record(1, 7)
	for name, c := range map[string]struct {
		train, test []byte
		says        string
	}{
		"empty":           {[]byte{}, good, "data_batch_1.bin: the file is empty"},
		"cut off":         {good[:3000], good, "ends in the middle of record 0, whose length is 3073"},
		"a byte too many": {append(slices.Clone(good), 1), good, "ends in the middle of record 1"},
		"a label of 10": {slices.Concat(good, record(1, 10)), good,
			"label 10 of record 1, want it in 0, …, 9"},
		"a bad label of a test":  {good, record(1, 255), "test_batch.bin: label 255"},
		"no test file":           {good, nil, "there is no test_batch.bin"},
		"no first training file": {nil, good, "there is no data_batch_1.bin: is it the binary version?"},
	} {
		t.Run(name, func(t *testing.T) {
			var files []member
			for file, b := range map[string][]byte{"data_batch_1.bin": c.train, "test_batch.bin": c.test} {
				if b != nil {
					files = append(files, member{name: file, body: b})
				}
			}
			_, _, err := CIFAR10{Dir: filepath.Join(packed(t, files...), "it.tar.gz")}.Load(t.Context())
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, "it.tar.gz")
			if c.train != nil {
				dir := t.TempDir()
				put(t, dir, files...)
				_, _, err = CIFAR10{Dir: dir}.Load(t.Context())
				require.ErrorIs(t, err, ErrFormat)
				require.ErrorContains(t, err, c.says)
			}
		})
	}
	dir := t.TempDir()
	put(t, dir, member{name: "data_batch_1.bin", body: good}, member{name: "data_batch_3.bin", body: good},
		member{name: "test_batch.bin", body: good})
	_, _, err := CIFAR10{Dir: dir}.Load(t.Context())
	require.ErrorContains(t, err, "there is data_batch_3.bin but no data_batch_2.bin")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "data_batch_2.bin"), 0o755))
	_, _, err = CIFAR10{Dir: dir}.Load(t.Context())
	require.ErrorContains(t, err, "data_batch_2.bin is no regular file")
}

// packed returns a directory with it.tar.gz.
func packed(t *testing.T, members ...member) string {
	dir := t.TempDir()
	put(t, dir, member{name: "it.tar.gz", body: archiveOf(t, members...)})
	return dir
}

func TestCIFARTrustsNoArchive(t *testing.T) {
	good := record(1, 7)
	batch, test := member{name: "data_batch_1.bin", body: good}, member{name: "test_batch.bin", body: good}
	whole := archiveOf(t, batch, test)
	flipped := slices.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // in the checksum, which comes after all that is used
	for name, c := range map[string]struct {
		b    []byte
		says string
	}{
		"empty":          {nil, "ends too early"},
		"not compressed": {[]byte("data_batch_1.bin data_batch_1.bin"), "invalid header"},
		"cut off":        {whole[:len(whole)/2], "the file ends"},
		"checksum":       {flipped, "checksum"},
		"no archive":     {compress(t, good), "archive/tar"},
		"leads up": {archiveOf(t, batch, test, member{name: "../../data_batch_2.bin", body: good}),
			`member "../../data_batch_2.bin": its path leads out`},
		"absolute": {archiveOf(t, member{name: "/etc/test_batch.bin", body: good}), "leads out"},
		"a link": {archiveOf(t, member{name: "data_batch_1.bin", kind: tar.TypeSymlink}),
			"no regular file"},
		"a device": {archiveOf(t, member{name: "test_batch.bin", kind: tar.TypeChar}), "no regular file"},
		"twice": {archiveOf(t, batch, test, member{name: "b/test_batch.bin", body: good}),
			"the second test_batch.bin"},
		"an enormous member": {lying(t, "data_batch_1.bin", 1<<40), "bytes, and all files together may have"},
		"a lying size":       {lying(t, "data_batch_1.bin", 1<<20), "the file ends"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cifar10().unpack(t.Context(), bytes.NewReader(c.b))
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, c.says)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := cifar10().unpack(ctx, bytes.NewReader(whole))
	require.ErrorIs(t, err, context.Canceled)
}

func compress(t testing.TB, b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, err := z.Write(b)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return buf.Bytes()
}

// lying returns an archive with a member that says it has size bytes, and ends.
func lying(t testing.TB, name string, size int64) []byte {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Typeflag: tar.TypeReg, Size: size}))
	return compress(t, buf.Bytes())
}

// A bomb is a small file that unpacks to a large one: zeros, which compress well,
// or a hole, of which an archive has but the size.
func TestABombIsNotUnpacked(t *testing.T) {
	little := cifar10()
	little.most = 8 * (1 + cifarPixels)
	zeros := compress(t, slices.Concat(header("zeros", "77777777777", tar.TypeReg), make([]byte, 1<<20)))
	require.Less(t, len(zeros), 1<<12)
	_, err := little.unpack(t.Context(), bytes.NewReader(zeros))
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, "more bytes than such files have")

	five := slices.Concat(hole("data_batch_1.bin", 5), hole("test_batch.bin", 3))
	files, err := little.unpack(t.Context(), bytes.NewReader(compress(t, five)))
	require.NoError(t, err)
	require.Len(t, files["data_batch_1.bin"].labels[0], 5)
	six := slices.Concat(hole("data_batch_1.bin", 5), hole("test_batch.bin", 4))
	_, err = little.unpack(t.Context(), bytes.NewReader(compress(t, six)))
	require.ErrorIs(t, err, ErrFormat)
	require.ErrorContains(t, err, "all files together may have")
}

// hole returns a sparse member in the PAX format of GNU tar: n records of zeros.
func hole(name string, n int) []byte {
	size := n * (1 + cifarPixels)
	var pax string
	for _, r := range []string{"GNU.sparse.numblocks=1", fmt.Sprintf("GNU.sparse.map=%d,0", size),
		fmt.Sprintf("GNU.sparse.size=%d", size)} {
		pax += fmt.Sprintf("%d %s\n", len(r)+4, r) // two digits, a space, a newline
	}
	return slices.Concat(header("pax", fmt.Sprintf("%011o", len(pax)), tar.TypeXHeader), []byte(pax),
		make([]byte, 512-len(pax)), header(name, "0", tar.TypeReg))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// FuzzCIFARRecords reads files of records with the given labels, one pixel each
// being changed, that are cut off somewhere.
func FuzzCIFARRecords(f *testing.F) {
	f.Add([]byte{7, 9}, uint16(0))
	f.Add([]byte{7, 10, 3, 99}, uint16(1))
	f.Fuzz(func(t *testing.T, labels []byte, cut uint16) {
		labels = labels[:min(len(labels), 8)]
		for _, c := range []cifar{cifar10(), cifar100()} {
			var b []byte
			for l := range slices.Chunk(labels, len(c.classes)) {
				b = append(b, record(len(b), l...)...)
			}
			b = b[:max(0, len(b)-int(cut))]
			m, err := c.read(bytes.NewReader(b))
			if err != nil {
				require.ErrorIs(t, err, ErrFormat)
				continue
			}
			n := len(b) / (len(c.classes) + cifarPixels)
			require.Len(t, m.pixels, n*cifarPixels)
			for i := range c.classes {
				set, err := m.set(c, i)
				require.NoError(t, err)
				require.Equal(t, n, set.Len())
			}
		}
	})
}

// FuzzCIFARArchive reads archives of two members, each a good record, with headers
// of the given names, sizes and kinds, whose checksums are right.
func FuzzCIFARArchive(f *testing.F) {
	f.Add("test_batch.bin", "00000006001", byte(tar.TypeReg), "a/data_batch_1.bin", "00000006001", byte(tar.TypeReg))
	f.Add("test_batch.bin", "77777777777", byte(tar.TypeReg), "../test_batch.bin", "1", byte(tar.TypeXHeader))
	f.Add("data_batch_1.bin", "0", byte(tar.TypeSymlink), "data_batch_2.bin", "\x80\xff", byte(tar.TypeGNUSparse))
	f.Fuzz(func(t *testing.T, name1, size1 string, kind1 byte, name2, size2 string, kind2 byte) {
		var b []byte
		for _, h := range [][]byte{header(name1, size1, kind1), header(name2, size2, kind2)} {
			b = append(append(b, h...), record(1, 7)...)
			b = append(b, make([]byte, 511)...) // to 7 blocks
		}
		files, err := cifar10().unpack(t.Context(), bytes.NewReader(compress(t, b)))
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		for name, m := range files {
			require.True(t, cifar10().wants(name))
			require.NotEmpty(t, m.pixels)
		}
	})
}

// header returns a header of an archive in the POSIX format.
func header(name, size string, kind byte) []byte {
	h := make([]byte, 512)
	copy(h[:100], name)
	copy(h[124:136], size)
	h[156] = kind
	copy(h[257:], "ustar\x0000")
	seal(h)
	return h
}

// seal writes the checksum of a header.
func seal(h []byte) {
	copy(h[148:156], "        ")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:], fmt.Sprintf("%06o\x00", sum))
}
