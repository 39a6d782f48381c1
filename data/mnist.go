package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	stderrors "errors"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// ErrNotFound reports data that are not on this machine.
var ErrNotFound = stderrors.New("data: not found")

// ErrChecksum reports a file whose SHA-256 is not the published one.
var ErrChecksum = stderrors.New("data: wrong checksum")

// MNIST is 70,000 handwritten digits, 1×28×28 with pixels in [0, 1].
//
// Files are looked for in Dir, or if it is "" in the cache, in that order plain
// and as .gz. What is not there is fetched into the same place, if Download says
// so, and only then. Every file's SHA-256 is checked.
//
// Reference: LeCun, Bottou, Bengio, Haffner. Gradient-based learning applied to
// document recognition. Proc. IEEE 86(11), 1998.
type MNIST struct {
	Dir      string // "" is whitebox/mnist in the user's cache directory
	Download bool   // fetch what is missing
	Offline  bool   // never use the network, whatever Download says
	URL      string // where the .gz files lie; "" is a public mirror

	Client   *http.Client            // nil is http.DefaultClient
	Progress func(done, total int64) // is told the bytes of each file that is fetched; nil is nobody
	write    func(path string, fill func(io.Writer) error) error
}

// mirror is the copy that PyTorch's torchvision fetches from too.
const mirror = "https://ossci-datasets.s3.amazonaws.com/mnist"

// An mnistFile is one of the four, with the SHA-256 of its compressed and plain
// form and the size of the former.
type mnistFile struct {
	name, gz, plain string
	size            int64
}

func mnistFiles() (images, labels [2]mnistFile) {
	images = [2]mnistFile{
		{"train-images-idx3-ubyte", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
			"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 9912422},
		{"t10k-images-idx3-ubyte", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
			"0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 1648877},
	}
	labels = [2]mnistFile{
		{"train-labels-idx1-ubyte", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
			"65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 28881},
		{"t10k-labels-idx1-ubyte", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
			"ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 4542},
	}
	return images, labels
}

// Load returns the 60,000 training and 10,000 test images.
//
// Errors: ErrNotFound, ErrChecksum, ErrFormat; those of the network, the disk and
// ctx. A file that could not be fetched whole is not there afterwards.
func (m MNIST) Load(ctx context.Context) (train, test *Set, err error) {
	images, labels := mnistFiles()
	var sets [2]*Set
	for i := range sets {
		if sets[i], err = m.set(ctx, images[i], labels[i]); err != nil {
			return nil, nil, errors.WithMessage(err, "data: MNIST")
		}
	}
	return sets[0], sets[1], nil
}

func (m MNIST) set(ctx context.Context, images, labels mnistFile) (*Set, error) {
	shape, pixels, err := m.read(ctx, images)
	if err != nil {
		return nil, err
	}
	n, classes, err := m.read(ctx, labels)
	if err != nil {
		return nil, err
	}
	if len(shape) != 3 || len(n) != 1 || shape[0] != n[0] {
		return nil, errors.Wrapf(ErrFormat, "images of shape %v with labels of shape %v, want n×h×w with n", shape, n)
	}
	y := make([]int, len(classes))
	for i, c := range classes {
		y[i] = int(c)
	}
	return New(pixels, 1.0/255, []int{1, shape[1], shape[2]}, y, 10)
}

// read returns one file's array.
func (m MNIST) read(ctx context.Context, f mnistFile) ([]int, []byte, error) {
	dir, err := cacheDir(m.Dir, "mnist")
	if err != nil {
		return nil, nil, err
	}
	path, want, found, err := find(dir, f)
	if err == nil && !found {
		err = m.fetch(ctx, path, f)
	}
	if err != nil {
		return nil, nil, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	sum := sha256.Sum256(b)
	if err := verify(sum[:], int64(len(b)), want); err != nil {
		return nil, nil, errors.WithMessagef(err, "%s: remove it, and fetch it anew", path)
	}
	shape, pixels, err := ReadIDX(bytes.NewReader(b))
	return shape, pixels, errors.WithMessage(err, path)
}

// find returns the path of the plain file or the .gz and the checksum it must
// have, or where the .gz should be.
func find(dir string, f mnistFile) (path, want string, found bool, err error) {
	for _, c := range []struct{ path, sum string }{{f.name, f.plain}, {f.name + ".gz", f.gz}} {
		path, want = filepath.Join(dir, c.path), c.sum
		_, err := os.Stat(path)
		if err == nil || !stderrors.Is(err, os.ErrNotExist) {
			return path, want, true, errors.WithStack(err)
		}
	}
	return path, want, false, nil
}

// fetch gets a .gz from the network, checks it, and puts it at path.
func (m MNIST) fetch(ctx context.Context, path string, f mnistFile) error {
	if !m.Download || m.Offline {
		return errors.Wrapf(ErrNotFound, "%s: set Dir to where MNIST lies, or Download to fetch it (11 MB)", path)
	}
	base := m.URL
	if base == "" {
		base = mirror
	}
	r := remote{url: base + "/" + f.name + ".gz", sum: f.gz, size: f.size}
	return fetcher{m.Client, m.Progress, m.write}.get(ctx, r, path)
}
