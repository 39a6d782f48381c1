package data_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// pixelsOf returns the pixels of a sample, h×w×c.
func pixelsOf(t testing.TB, s *data.Set, i int) []int {
	t.Helper()
	row, err := s.Row(nil, i)
	require.NoError(t, err)
	c, d := s.Shape()[0], s.Shape()[1]*s.Shape()[2]
	out := make([]int, len(row))
	for k := range c {
		for p := range d {
			out[p*c+k] = int(math.Round(255 * row[k*d+p]))
		}
	}
	return out
}

// Pillow reads the same images, turns them upright, and scales them by the same triangle, which rounds
// differently by 1. Decoders of JPEG round the transform differently, by 2; where four pixels share one
// colour difference, Pillow interpolates: by a quarter of the steps of Cb between neighbours, which are 8 along
// a row and 17 along a column here, times 1.772 for blue.
func TestImagesAreThoseOfPillow(t *testing.T) {
	want, err := data.LoadNPZ("testdata/pillow.npz", data.NPZConfig{})
	require.NoError(t, err)
	folder := data.ImageFolder{Dir: "testdata/images"}
	files, err := folder.Files()
	require.NoError(t, err)
	require.Len(t, files, 28)
	for _, c := range []struct {
		suffix                  string
		height, width, channels int
		rounding                int // of scaling, or of gray
	}{{"_rgb", 0, 0, 3, 0}, {"_gray", 0, 0, 1, 0}, {"_scaled", 5, 7, 3, 1}, {"_larger", 33, 31, 3, 1}} {
		for _, path := range files {
			name := filepath.Base(path)
			a := want[name+c.suffix]
			expected, err := data.ArrayAs[int](a)
			require.NoError(t, err)
			dir := t.TempDir()
			copyFile(t, path, filepath.Join(dir, name))
			one := data.ImageFolder{Dir: dir, Unlabeled: true, Channels: c.channels, Height: c.height, Width: c.width}
			set, err := one.Load(t.Context())
			require.NoError(t, err)
			require.Equal(t, a.Shape()[:2], set.Shape()[1:], name)
			most := c.rounding
			if filepath.Ext(name) == ".jpg" {
				most += 2
			}
			if name == "rgb.jpg" || name == "progressive.jpg" {
				most += 11
			}
			for i, v := range pixelsOf(t, set, 0) {
				require.InDelta(t, expected[i], v, float64(most), "%s%s, number %d", name, c.suffix, i)
			}
		}
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o777))
	require.NoError(t, os.WriteFile(to, b, 0o666))
}

// pngOf returns the file of an image.
func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

// plain returns an image of one colour.
func plain(w, h int, c color.Color) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		m.Set(i%w, i/w, c)
	}
	return m
}

// folderOf writes files, by their paths, and returns the folder.
func folderOf(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, b, 0o666))
	}
	return dir
}

func TestClassesAreFolders(t *testing.T) {
	red, green := pngOf(t, plain(3, 2, color.NRGBA{R: 255, A: 255})), pngOf(t, plain(3, 2, color.NRGBA{G: 255, A: 9}))
	dir := folderOf(t, map[string][]byte{
		"b/2.png": red, "b/10.PNG": red, "b/deep/er/1.png": green, "a/x.jpg": red, // a PNG, whatever its name says
		"Z/1.jpeg": green, "readme.txt": nil, ".git/x.png": nil, "a/.DS_Store": nil, "b/Thumbs.db": nil, "b/.t/no": nil,
	})
	require.NoError(t, os.Symlink(filepath.Join(dir, "b"), filepath.Join(dir, "c")))
	require.NoError(t, os.Symlink(filepath.Join(dir, "b", "2.png"), filepath.Join(dir, "a", "link.png")))
	folder := data.ImageFolder{Dir: dir}
	files, err := folder.Files()
	require.NoError(t, err)
	for i, path := range files {
		files[i], err = filepath.Rel(dir, path)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"Z/1.jpeg", "a/link.png", "a/x.jpg", "b/10.PNG", "b/2.png", "b/deep/er/1.png", "c/10.PNG",
		"c/2.png", "c/deep/er/1.png"}, files)
	set, err := folder.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"Z", "a", "b", "c"}, set.ClassNames())
	require.Equal(t, []int{0, 1, 1, 2, 2, 2, 3, 3, 3}, set.Labels())
	require.Equal(t, []int{3, 2, 3}, set.Shape())
	require.Equal(t, []int{0, 255, 0}, pixelsOf(t, set, 5)[:3]) // its transparency is left out

	schema := set.Schema()
	part := folderOf(t, map[string][]byte{"c/1.png": red, "a/1.png": green})
	again, err := data.ImageFolder{Dir: part, Schema: &schema}.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{1, 3}, again.Labels())
	require.Equal(t, 4, again.Classes())
	flat, err := data.ImageFolder{Dir: filepath.Join(dir, "b"), Unlabeled: true}.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, flat.Len())
	require.Nil(t, flat.ClassNames())
}

func TestGrayFoldersAreGray(t *testing.T) {
	gray, deep := image.NewGray(image.Rect(0, 0, 2, 1)), image.NewGray16(image.Rect(0, 0, 2, 1))
	gray.SetGray(1, 0, color.Gray{Y: 200})
	deep.SetGray16(1, 0, color.Gray16{Y: 0xabcd})
	rgb := image.NewNRGBA64(image.Rect(0, 0, 2, 1))
	rgb.SetNRGBA64(1, 0, color.NRGBA64{R: 0x12ff, G: 0x3400, B: 0x5680, A: 0x8000})
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, gray, &jpeg.Options{Quality: 100}))
	files := map[string][]byte{"a/1.png": pngOf(t, gray), "a/2.png": pngOf(t, deep), "b/3.jpg": b.Bytes()}
	set, err := data.ImageFolder{Dir: folderOf(t, files)}.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{1, 1, 2}, set.Shape())
	require.Equal(t, []int{0, 200}, pixelsOf(t, set, 0))
	require.Equal(t, []int{0, 0xab}, pixelsOf(t, set, 1))
	files["b/4.png"] = pngOf(t, rgb)
	set, err = data.ImageFolder{Dir: folderOf(t, files)}.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, []int{3, 1, 2}, set.Shape())
	require.Equal(t, []int{0, 0, 0, 0x12, 0x34, 0x56}, pixelsOf(t, set, 3))
	require.Equal(t, []int{0, 0, 0, 200, 200, 200}, pixelsOf(t, set, 0))
}

// The result is the same on any number of workers, and so is the error.
func TestImagesAreTheSameOnAnyNumberOfWorkers(t *testing.T) {
	files := make(map[string][]byte)
	for i := range 40 {
		m := plain(9+i%3, 8, color.NRGBA{R: byte(6 * i), G: byte(255 - i), B: 77, A: 255})
		m.Set(i%9, i%8, color.White)
		files[filepath.Join("ab"[i%2:i%2+1], string(rune('A'+i))+".png")] = pngOf(t, m)
	}
	dir := folderOf(t, files)
	folder := data.ImageFolder{Dir: dir, Height: 5, Width: 6, Workers: 1}
	want, err := folder.Load(t.Context())
	require.NoError(t, err)
	x, err := want.Matrix()
	require.NoError(t, err)
	for _, workers := range []int{0, 2, 7} {
		folder.Workers = workers
		got, err := folder.Load(t.Context())
		require.NoError(t, err)
		y, err := got.Matrix()
		require.NoError(t, err)
		require.Equal(t, x, y)
	}
	for _, bad := range []string{"a/Q.png", "b/J.png", "b/Z.png"} { // of which the first is named
		require.NoError(t, os.WriteFile(filepath.Join(dir, bad), files["a/A.png"][:60], 0o666))
	}
	for _, workers := range []int{1, 2, 7} {
		folder.Workers = workers
		_, err := folder.Load(t.Context())
		require.ErrorIs(t, err, data.ErrFormat)
		require.ErrorContains(t, err, filepath.Join("a", "Q.png"))
	}
}

// huge returns a PNG that says that it is w×h pixels.
func huge(t testing.TB, w, h uint32) []byte {
	t.Helper()
	b := pngOf(t, plain(1, 1, color.White))
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func TestImageFoldersSayWhatIsWrong(t *testing.T) {
	good := pngOf(t, plain(2, 2, color.White))
	whole, err := os.ReadFile("testdata/images/all/rgb.jpg")
	require.NoError(t, err)
	for _, c := range []struct {
		files map[string][]byte
		want  string
	}{
		{map[string][]byte{"readme": nil}, "has no folder: want one for each class"},
		{map[string][]byte{"1.png": good, "a/1.png": good}, "1.png lies in no folder of a class"},
		{map[string][]byte{"a/1.png": good, "b/.x": nil}, `the class "b" has no image`},
		{map[string][]byte{"a/1.png": good, "a/x.webp": nil},
			"x.webp is among the images, and is no .png, .jpg or .jpeg"},
		{map[string][]byte{"a/1.png": nil}, "1.png is empty"},
		{map[string][]byte{"a/1.png": []byte("GIF89a...")},
			`1.png: it begins with "GIF89a..", and is no PNG and no JPEG`},
		{map[string][]byte{"a/1.png": good[:50]}, "1.png: png: invalid format: not enough pixel data"},
		{map[string][]byte{"a/1.png": good[:20]}, "1.png: unexpected EOF"},
		{map[string][]byte{"a/1.jpg": whole[:len(whole)-9]}, "1.jpg: invalid JPEG format: short Huffman data"},
		{map[string][]byte{"a/1.jpg": whole[:3]}, "1.jpg: unexpected EOF"},
		{map[string][]byte{"a/1.png": huge(t, 8000, 7000)}, "1.png: it says that it is 8000×7000 pixels, which its"},
		{map[string][]byte{"a/1.png": huge(t, 100000, 100000)},
			"1.png: it is 100000×100000 pixels, want at least 1 and"},
		{map[string][]byte{"a/1.png": huge(t, 0, 1)}, "1.png: png: "},
		{map[string][]byte{"a/1.png": good, "b/2.png": pngOf(t, plain(2, 3, color.White))},
			"2.png is 2×3 (width×height): choose a Height and a Width"},
	} {
		_, err := data.ImageFolder{Dir: folderOf(t, c.files)}.Load(t.Context())
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "data: image folder: ")
	}
	dir := folderOf(t, map[string][]byte{"a/1.png": good})
	flat := filepath.Join(dir, "a")
	schema := data.Schema{Label: data.Column{Categories: []string{"x"}}}
	for _, c := range []struct {
		folder data.ImageFolder
		want   string
	}{
		{data.ImageFolder{Dir: dir, Channels: 2}, "Channels is 2"},
		{data.ImageFolder{Dir: dir, Height: 2}, "Height 2 and Width 0"},
		{data.ImageFolder{Dir: dir, Height: 1 << 40, Width: 1 << 40}, "few pixels"},
		{data.ImageFolder{Dir: dir, MaxPixels: -1}, "MaxPixels is -1"},
		{data.ImageFolder{Dir: dir, MaxPixels: 3}, "it is 2×2 pixels, want at least 1 and at most 3"},
		{data.ImageFolder{Dir: dir, Workers: -1}, "-1 Workers"},
		{data.ImageFolder{Dir: dir, Schema: &schema, Unlabeled: true}, "Unlabeled images, and a Schema"},
		{data.ImageFolder{Dir: dir, Schema: &schema}, `the folder "a" is none of the 1 classes of the Schema`},
		{data.ImageFolder{Dir: filepath.Join(flat, "1.png")}, "is no folder"},
		{data.ImageFolder{Dir: t.TempDir(), Unlabeled: true}, "has no image"},
		{data.ImageFolder{}, "no such file"},
	} {
		_, err := c.folder.Load(t.Context())
		require.ErrorContains(t, err, c.want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = data.ImageFolder{Dir: dir}.Load(ctx)
	require.ErrorIs(t, err, context.Canceled)
	var none context.Context
	_, err = data.ImageFolder{Dir: dir}.Load(none)
	require.ErrorIs(t, err, data.ErrInput)
	require.NoError(t, os.Symlink(t.TempDir(), filepath.Join(flat, "link")))
	_, err = data.ImageFolder{Dir: dir}.Load(t.Context())
	require.ErrorContains(t, err, "link is a link to a folder")
	require.NoError(t, os.Remove(filepath.Join(flat, "link")))
	require.NoError(t, os.Symlink("/dev/zero", filepath.Join(flat, "2.png")))
	_, err = data.ImageFolder{Dir: dir}.Load(t.Context())
	require.ErrorContains(t, err, "2.png is no regular file")
}

func FuzzImage(f *testing.F) {
	folder := data.ImageFolder{Dir: "testdata/images"}
	files, err := folder.Files()
	require.NoError(f, err)
	for _, path := range files {
		b, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Add(huge(f, 200, 200))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := folderOf(t, map[string][]byte{"1.png": b})
		set, err := data.ImageFolder{Dir: dir, Unlabeled: true, MaxPixels: 1 << 16, Workers: 1}.Load(t.Context())
		if err != nil {
			require.ErrorIs(t, err, data.ErrFormat)
			return
		}
		require.Equal(t, 1, set.Len())
	})
}
