package data

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hasty is a network without patience, for tests.
var hasty = Network{Idle: 5 * time.Second, Tries: 2, Wait: time.Millisecond}

// small is an MNIST of three images of 2×2, the same to train and to test, with the
// checksums of its files.
type small struct {
	published
	gz    map[string][]byte // by file name
	plain map[string][]byte
}

func newSmall(t *testing.T) small {
	s := small{gz: map[string][]byte{}, plain: map[string][]byte{}}
	p := pair{
		s.add(t, "images", append([]byte{0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2}, 0, 51, 102, 153, 204, 255, 0,
			0, 1, 2, 3, 4)),
		s.add(t, "labels", append([]byte{0, 0, 8, 1, 0, 0, 0, 3}, 7, 0, 9)),
	}
	s.published = published{name: "small", typ: "Small", cache: "mnist", below: []string{"Small/raw"},
		pairs: [2]pair{p, p}, layout: IDXConfig{Classes: 10}}
	return s
}

func (s small) add(t *testing.T, name string, plain []byte) publishedFile {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, err := z.Write(plain)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	s.gz[name+".gz"], s.plain[name] = buf.Bytes(), plain
	return publishedFile{name, sha(buf.Bytes()), sha(plain), int64(buf.Len()), int64(len(plain))}
}

func sha(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// read loads the set, and checks what it holds.
func (s small) read(t *testing.T, m MNIST) {
	t.Helper()
	train, test, err := s.load(t.Context(), m)
	require.NoError(t, err)
	for _, set := range []*Set{train, test} {
		assert.Equal(t, []int{7, 0, 9}, set.Labels())
		row, err := set.Row(nil, 1)
		require.NoError(t, err)
		assert.InDeltaSlice(t, []float64{0.8, 1, 0, 0}, row, 1e-15)
	}
}

// fails loads the set in vain.
func (s small) fails(t *testing.T, m MNIST) error {
	t.Helper()
	_, _, err := s.load(t.Context(), m)
	require.Error(t, err)
	return err
}

// serve answers with the .gz files, as changed by spoil if it is not nil.
func (s small) serve(t *testing.T, spoil func(w http.ResponseWriter, r *http.Request, b []byte)) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, ok := s.gz[strings.TrimPrefix(r.URL.Path, "/")]
		switch {
		case !ok:
			http.NotFound(w, r)
		case spoil != nil:
			spoil(w, r, b)
		default:
			fmt.Fprintf(w, "%s", b)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func lay(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for name, b := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
}

// requireEmpty checks that dir has no file, not even a part of one.
func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	require.Empty(t, files)
}

func TestMNISTIsReadFromADirectory(t *testing.T) {
	s := newSmall(t)
	for name, files := range map[string]map[string][]byte{"plain": s.plain, "compressed": s.gz} {
		for _, below := range []string{"", "Small/raw", "[a-"} {
			t.Run(name+" "+below, func(t *testing.T) {
				root := t.TempDir()
				dir := filepath.Join(root, below)
				if below == "[a-" {
					root = dir
				}
				lay(t, dir, files)
				s.read(t, MNIST{Dir: root})
				for file, b := range files {
					require.NoError(t, os.WriteFile(filepath.Join(dir, file), b[:len(b)-1], 0o600))
				}
				err := s.fails(t, MNIST{Dir: root, Download: true, URL: "http://127.0.0.1:0"})
				require.ErrorIs(t, err, ErrChecksum, "a file that is there is not replaced behind the user's back")
				assert.ErrorContains(t, err, dir)
				assert.NotContains(t, err.Error(), "remove")
			})
		}
	}
}

func TestMNISTIsFetchedOnceAndOnRequestOnly(t *testing.T) {
	s := newSmall(t)
	asked := 0
	server := s.serve(t, func(w http.ResponseWriter, _ *http.Request, b []byte) {
		asked++
		fmt.Fprintf(w, "%s", b)
	})
	dir := filepath.Join(t.TempDir(), "new", "mnist")
	for name, m := range map[string]MNIST{
		"not asked for": {Dir: dir, URL: server.URL},
		"offline":       {Dir: dir, URL: server.URL, Download: true, Offline: true},
	} {
		err := s.fails(t, m)
		require.ErrorIs(t, err, ErrNotFound, name)
		assert.ErrorContains(t, err, "Download")
	}
	assert.Zero(t, asked)
	for range 2 {
		s.read(t, MNIST{Dir: dir, URL: server.URL, Download: true})
		assert.Equal(t, 2, asked)
	}
	s.read(t, MNIST{Dir: dir})
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 2, "no part is left")
}

func TestMNISTUsesTheCache(t *testing.T) {
	s := newSmall(t)
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv("LocalAppData", cache)
	s.read(t, MNIST{URL: s.serve(t, nil).URL, Download: true})
	s.read(t, MNIST{})
}

func TestImagesAndLabelsMustBelongTogether(t *testing.T) {
	s := newSmall(t)
	dir := t.TempDir()
	lay(t, dir, s.plain)
	for _, p := range []pair{{s.pairs[0].labels, s.pairs[0].images}, {s.pairs[0].images, s.pairs[0].images}} {
		s.pairs = [2]pair{p, p}
		assert.ErrorIs(t, s.fails(t, MNIST{Dir: dir}), ErrFormat)
	}
}

func TestLoadWantsTheFourPublishedFiles(t *testing.T) {
	dir := t.TempDir()
	_, _, err := MNIST{Dir: dir}.Load(t.Context())
	require.ErrorIs(t, err, ErrNotFound)
	assert.ErrorContains(t, err, "train-images-idx3-ubyte.gz")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "train-images-idx3-ubyte"), []byte("none"), 0o600))
	_, _, err = MNIST{Dir: dir}.Load(t.Context())
	assert.ErrorIs(t, err, ErrChecksum)
}

// TestChecksumsOfTheCaller has files whose checksum nobody has published: they are
// refused, taken by either checksum of the caller, or as they are.
func TestChecksumsOfTheCaller(t *testing.T) {
	s := newSmall(t)
	for i := range s.pairs {
		for _, f := range []*publishedFile{&s.pairs[i].images, &s.pairs[i].labels} {
			f.gz, f.plain, f.size, f.whole = "", "", 0, 0
		}
	}
	dir := t.TempDir()
	lay(t, dir, s.gz)
	err := s.fails(t, MNIST{Dir: dir})
	require.ErrorIs(t, err, ErrChecksum)
	assert.ErrorContains(t, err, "nobody has published its checksum: give it in Sums")
	digest := md5.Sum(s.gz["labels.gz"])
	sums := map[string]string{"images.gz": strings.ToUpper(sha(s.gz["images.gz"])),
		"labels.gz": hex.EncodeToString(digest[:])}
	s.read(t, MNIST{Dir: dir, Sums: sums})
	s.read(t, MNIST{Dir: dir, Unchecked: true})
	sums["labels.gz"] = strings.Repeat("0", 32)
	err = s.fails(t, MNIST{Dir: dir, Sums: sums})
	require.ErrorIs(t, err, ErrChecksum)
	assert.ErrorContains(t, err, "MD5 "+hex.EncodeToString(digest[:]))

	lay(t, dir, map[string][]byte{"labels": s.plain["labels"]}) // without a checksum, beside a .gz with one
	sums["labels.gz"] = hex.EncodeToString(digest[:])
	s.read(t, MNIST{Dir: dir, Sums: sums})

	err = s.fails(t, MNIST{Dir: t.TempDir(), URL: s.serve(t, nil).URL, Download: true})
	require.ErrorIs(t, err, ErrChecksum)
	assert.ErrorContains(t, err, "Sums")
	s.read(t, MNIST{Dir: t.TempDir(), URL: s.serve(t, nil).URL, Download: true, Sums: sums})
}

// TestOtherImagesInTheDirectoryAreRecognised puts a file of another set where the files
// of MNIST are looked for. What the message advises never loses it.
func TestOtherImagesInTheDirectoryAreRecognised(t *testing.T) {
	set, file := whose(fashionMNIST().pairs[0].images.gz)
	assert.Equal(t, "FashionMNIST", set.typ)
	assert.Equal(t, "train-images-idx3-ubyte.gz", file)
	set, _ = whose(kmnist().pairs[1].labels.gz)
	assert.Equal(t, "KMNIST", set.typ)
	set, _ = whose(mnist().pairs[1].labels.plain)
	assert.Equal(t, "MNIST", set.typ)
	set, _ = whose("")
	assert.Empty(t, set.name)

	dir := t.TempDir()
	// of the size of Fashion-MNIST's
	lay(t, dir, map[string][]byte{"train-images-idx3-ubyte.gz": make([]byte, 26421880)})
	_, _, err := MNIST{Dir: dir}.Load(t.Context())
	require.ErrorIs(t, err, ErrChecksum)
	for _, says := range []string{"26421880 bytes, want 9912422", "Fashion-MNIST", "Unchecked", "another Dir"} {
		assert.ErrorContains(t, err, says)
	}
	for _, never := range []string{"remove", "delete"} {
		assert.NotContains(t, err.Error(), never)
	}
}

// TestNoFileIsReadBeforeItsSizeIsKnown has devices, pipes, directories and files of
// holes where data are looked for.
func TestNoFileIsReadBeforeItsSizeIsKnown(t *testing.T) {
	for name, create := range map[string]func(path string) error{
		"a device":    func(path string) error { return os.Symlink("/dev/zero", path) },
		"a directory": func(path string) error { return os.Mkdir(path, 0o755) },
		"a terabyte":  func(path string) error { return holes(path, nil) },
		"a terabyte after a gzip header": func(path string) error {
			return holes(path, gzipped([]byte{0, 0, 8, 1, 0, 0, 0, 1, 7}))
		},
		"a terabyte after an IDX header": func(path string) error {
			return holes(path, []byte{0, 0, 8, 1, 0, 0, 0, 1, 7})
		},
	} {
		for file, load := range map[string]func(dir string) error{
			"train-images-idx3-ubyte": func(dir string) error {
				_, _, err := MNIST{Dir: dir}.Load(t.Context())
				return err
			},
			"train-images-idx3-ubyte.gz": func(dir string) error {
				_, _, err := KMNIST{Dir: dir, Unchecked: true}.Load(t.Context())
				return err
			},
			"gzip.zip": func(dir string) error {
				_, _,
					err := EMNIST{Files: MNIST{Dir: dir}}.Load(t.Context())
				return err
			},
			"emnist-balanced-train-images-idx3-ubyte.gz": func(dir string) error {
				_, _, err := EMNIST{Files: MNIST{Dir: dir, Unchecked: true}}.Load(t.Context())
				return err
			},
			"data_batch_1.bin": func(dir string) error {
				_, _, err := CIFAR10{Dir: dir}.Load(t.Context())
				return err
			},
			"cifar-100-binary.tar.gz": func(dir string) error {
				_, _, err := CIFAR100{Dir: dir}.Load(t.Context())
				return err
			},
			"cifar-10-[other].tar.gz": func(dir string) error {
				_, _, err := CIFAR10{Dir: dir}.Load(t.Context())
				return err
			},
			"whatever": func(dir string) error {
				_, err := LoadIDX(filepath.Join(dir, "whatever"), "",
					IDXConfig{})
				return err
			},
			"FashionMNIST/raw/t10k-lab": func(dir string) error {
				_, _, err := FashionMNIST{Dir: dir}.Load(t.Context())
				return err
			},
		} {
			dir := t.TempDir()
			path := filepath.Join(dir, file)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			if err := create(path); err != nil {
				continue // a system without such things
			}
			start := time.Now()
			require.Error(t, load(dir), "%s at %s", name, file)
			require.Less(t, time.Since(start), 5*time.Second, "%s at %s", name, file)
		}
	}
}

// holes makes a file of a terabyte of zeros, which takes no room, after b.
func holes(path string, b []byte) error {
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return err
	}
	return os.Truncate(path, 1<<40)
}

func gzipped(b []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	must(z.Write(b))
	if err := z.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}
