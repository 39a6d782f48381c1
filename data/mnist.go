package data

import (
	"context"
	stderrors "errors"
	"net/http"

	"github.com/pkg/errors"
)

// ErrNotFound reports data that are not on this machine.
var ErrNotFound = stderrors.New("data: not found")

// ErrChecksum reports a file whose checksum is not the published one.
var ErrChecksum = stderrors.New("data: wrong checksum")

// MNIST is 70,000 handwritten digits, 1×28×28 with pixels in [0, 1].
//
// Files are looked for in Dir, in what torchvision makes below it (MNIST/raw), or if it is "" in the cache, plain and
// as .gz. A file that is missing is fetched to the same place, but only if Download is set. Every file's checksum is
// compared to the published one, or to that of Sums.
//
// Reference: LeCun, Bottou, Bengio, Haffner. Gradient-based learning applied to
// document recognition. Proc. IEEE 86(11), 1998.
type MNIST struct {
	Dir      string   // "" is whitebox/mnist in the user's cache directory
	Download bool     // fetch what is missing
	Offline  bool     // never use the network, whatever Download says
	URL      string   // where the .gz files lie; "" is the public places
	Mirrors  []string // other such places, tried where those fail

	// Sums are checksums, SHA-256 or MD5 in hex, by the name of a file: for files without a published checksum, or
	// for other data. Unchecked accepts such files as they are.
	Sums      map[string]string
	Unchecked bool

	Client *http.Client // nil is http.DefaultClient
	// is called with the bytes of each file that is fetched, and their total, 0 if unknown; nil is none
	Progress func(done, total int64)
	Network  Network // how patiently files are fetched
}

// FashionMNIST is 70,000 pictures of articles of clothing, as MNIST otherwise. The
// classes are T-shirt or top, trouser, pullover, dress, coat, sandal, shirt, sneaker,
// bag and ankle boot.
//
// Reference: Xiao, Rasul, Vollgraf. Fashion-MNIST: a novel image dataset for
// benchmarking machine learning algorithms. arXiv:1708.07747.
type FashionMNIST MNIST

// KMNIST is 70,000 cursive Japanese characters, as MNIST otherwise: Kuzushiji-MNIST.
// The classes are the hiragana o, ki, su, tsu, na, ha, ma, ya, re and wo.
//
// Reference: Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto, Ha. Deep learning for
// classical Japanese literature. arXiv:1812.01718.
type KMNIST MNIST

// QMNIST is 120,000 handwritten digits, as MNIST otherwise: the 60,000 of MNIST to
// train on, and 60,000 to test, of which MNIST's are the first 10,000.
//
// Reference: Yadav, Bottou. Cold case: the lost MNIST digits. NeurIPS 2019.
type QMNIST MNIST

// Load returns the 60,000 training and 10,000 test images.
//
// Errors: ErrNotFound, ErrChecksum, ErrFormat; those of the network, the disk and ctx. A file that could not be
// fetched completely does not appear; the next call continues its download (see [Network]).
func (m MNIST) Load(ctx context.Context) (train, test *Set, err error) {
	return mnist().load(ctx, m)
}

// Load returns the 60,000 training and 10,000 test images. Errors: as MNIST.Load.
func (m FashionMNIST) Load(ctx context.Context) (train, test *Set, err error) {
	return fashionMNIST().load(ctx, MNIST(m))
}

// Load returns the 60,000 training and 10,000 test images. Errors: as MNIST.Load.
func (m KMNIST) Load(ctx context.Context) (train, test *Set, err error) {
	return kmnist().load(ctx, MNIST(m))
}

// Load returns the 60,000 training and 60,000 test images. Errors: as MNIST.Load.
func (m QMNIST) Load(ctx context.Context) (train, test *Set, err error) {
	return qmnist().load(ctx, MNIST(m))
}

// An EMNISTSplit names one of the ways in which EMNIST is divided into classes.
type EMNISTSplit string

// The splits of EMNIST. In ByMerge and Balanced, a letter whose capital looks alike is in one class with it; in
// Letters, every letter is, and the labels of the files, which begin with 1, become 0, …, 25.
const (
	EMNISTBalanced EMNISTSplit = "balanced" // 47 classes: digits and letters, as many of each
	EMNISTByClass  EMNISTSplit = "byclass"  // 62: digits, capitals, small letters
	EMNISTByMerge  EMNISTSplit = "bymerge"  // 47
	EMNISTLetters  EMNISTSplit = "letters"  // 26
	EMNISTDigits   EMNISTSplit = "digits"   // 10
	EMNISTMNIST    EMNISTSplit = "mnist"    // 10, as many images as MNIST has
)

// EMNIST is handwritten digits and letters, 1×28×28 with pixels in [0, 1], upright:
// the files have them transposed.
//
// They come in one archive of 562 MB, gzip.zip, which is looked for in Files.Dir, or in the cache, and read without
// being unpacked. It is fetched if Files.Download says so, and its checksum compared. Files that were unpacked from
// it, plain or as .gz, are read from Dir, Dir/gzip or EMNIST/raw below it; their checksums are not published, so
// Files.Sums must have them, or Files.Unchecked must be set. Files.URL is that of the archive.
//
// Reference: Cohen, Afshar, Tapson, van Schaik. EMNIST: extending MNIST to handwritten
// letters. IJCNN 2017.
type EMNIST struct {
	Split EMNISTSplit // "" is EMNISTBalanced
	Files MNIST       // where they are; Dir "" is whitebox/emnist in the user's cache directory
}

// Load returns the training and the test images. Errors: as MNIST.Load; ErrInput for
// another split.
func (e EMNIST) Load(ctx context.Context) (train, test *Set, err error) {
	split := e.Split
	if split == "" {
		split = EMNISTBalanced
	}
	set, ok := emnist(split)
	if !ok {
		return nil, nil, errors.Wrapf(ErrInput,
			"data: EMNIST: split %q, want balanced, byclass, bymerge, letters, digits or mnist", split)
	}
	return set.load(ctx, e.Files)
}
