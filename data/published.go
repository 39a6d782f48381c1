package data

// A published set of images consists of two pairs of IDX files, and what is known about them.
type published struct {
	name   string        // as its authors write it
	typ    string        // of this package, that reads it
	cache  string        // its directory in the cache
	below  []string      // directories below Dir where its files may be
	urls   []string      // where its .gz files lie, or its archive
	pairs  [2]pair       // to train on, and to test
	zip    publishedFile // the archive of the files; the zero value is none
	layout IDXConfig
}

// A pair is images and their labels.
type pair struct{ images, labels publishedFile }

// A publishedFile is one file, with the checksums of its compressed and its plain form
// and the sizes of both, as far as they have been published.
type publishedFile struct {
	name      string // of the plain file
	gz, plain string
	size      int64 // of the compressed file
	whole     int64 // of the plain one
}

// The sources of the checksums and sizes below. SHA-256 and sizes are of the table of
// TensorFlow Datasets, tensorflow_datasets/url_checksums/{mnist,fashion_mnist,kmnist,
// emnist}.txt, commits 31f1255 and 333639b of github.com/tensorflow/datasets. The files
// of Fashion-MNIST are those whose MD5 its authors publish in their README. MD5 of
// QMNIST is of torchvision/datasets/mnist.py, commit 01977a1 of
// github.com/pytorch/vision; its sizes are published nowhere. Those of plain MNIST are
// of what its .gz have in them, and so are sizes of plain files: n images of 28×28.

// mnistLike returns the names and plain sizes of the four files of MNIST.
func mnistLike() [2]pair {
	return [2]pair{
		{publishedFile{name: "train-images-idx3-ubyte", whole: 16 + 60000*784},
			publishedFile{name: "train-labels-idx1-ubyte", whole: 8 + 60000}},
		{publishedFile{name: "t10k-images-idx3-ubyte", whole: 16 + 10000*784},
			publishedFile{name: "t10k-labels-idx1-ubyte", whole: 8 + 10000}},
	}
}

// compressed is the checksum and the size of a .gz.
func (f *publishedFile) compressed(sum string, size int64) { f.gz, f.size = sum, size }

func mnist() published {
	p := published{name: "MNIST", typ: "MNIST", cache: "mnist", below: []string{"MNIST/raw", "raw"}, pairs: mnistLike(),
		layout: IDXConfig{Classes: 10}}
	p.urls = []string{"https://ossci-datasets.s3.amazonaws.com/mnist",
		"https://storage.googleapis.com/cvdf-datasets/mnist"}
	train, test := &p.pairs[0], &p.pairs[1]
	train.images.compressed("440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", 9912422)
	train.labels.compressed("3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", 28881)
	test.images.compressed("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", 1648877)
	test.labels.compressed("f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", 4542)
	train.images.plain = "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
	train.labels.plain = "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
	test.images.plain = "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
	test.labels.plain = "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
	return p
}

func fashionMNIST() published {
	p := published{name: "Fashion-MNIST", typ: "FashionMNIST", cache: "fashion-mnist",
		below: []string{"FashionMNIST/raw", "raw"}, pairs: mnistLike(), layout: IDXConfig{Classes: 10}}
	p.urls = []string{"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"}
	train, test := &p.pairs[0], &p.pairs[1]
	train.images.compressed("3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", 26421880)
	train.labels.compressed("a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", 29515)
	test.images.compressed("346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", 4422102)
	test.labels.compressed("67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", 5148)
	return p
}

func kmnist() published {
	p := published{name: "Kuzushiji-MNIST", typ: "KMNIST", cache: "kmnist", below: []string{"KMNIST/raw", "raw"},
		pairs: mnistLike(), layout: IDXConfig{Classes: 10}}
	p.urls = []string{"http://codh.rois.ac.jp/kmnist/dataset/kmnist"}
	train, test := &p.pairs[0], &p.pairs[1]
	train.images.compressed("51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4", 18165135)
	train.labels.compressed("e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17", 29497)
	test.images.compressed("edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5", 3041136)
	test.labels.compressed("20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c", 5120)
	return p
}

// qmnist has labels of eight columns, of which the first is the class.
func qmnist() published {
	p := published{name: "QMNIST", typ: "QMNIST", cache: "qmnist", below: []string{"QMNIST/raw", "raw"},
		layout: IDXConfig{Classes: 10}}
	p.urls = []string{"https://raw.githubusercontent.com/facebookresearch/qmnist/master"}
	for i, part := range []string{"train", "test"} {
		p.pairs[i] = pair{
			publishedFile{name: "qmnist-" + part + "-images-idx3-ubyte", whole: 16 + 60000*784},
			publishedFile{name: "qmnist-" + part + "-labels-idx2-int", whole: 12 + 60000*8*4},
		}
	}
	p.pairs[0].images.gz, p.pairs[0].labels.gz = "ed72d4157d28c017586c42bc6afe6370", "0058f8dd561b90ffdd0f734c6a30e5e4"
	p.pairs[1].images.gz, p.pairs[1].labels.gz = "1394631089c404de565df7b7aeaf9412", "5b5b05890a5e13444e108efe57b788aa"
	return p
}

// emnist returns one of the six splits.
func emnist(split EMNISTSplit) (published, bool) {
	classes, ok := map[EMNISTSplit]int{EMNISTBalanced: 47, EMNISTByClass: 62, EMNISTByMerge: 47, EMNISTLetters: 26,
		EMNISTDigits: 10, EMNISTMNIST: 10}[split]
	p := published{name: "EMNIST " + string(split), typ: "EMNIST", cache: "emnist",
		below: []string{"gzip", "EMNIST/raw", "raw"}, layout: IDXConfig{Classes: classes, Transposed: true}}
	if split == EMNISTLetters {
		p.layout.FirstLabel = 1
	}
	p.urls = []string{"https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip",
		"https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"}
	p.zip = publishedFile{name: "gzip.zip", plain: "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
		whole: 561753746}
	for i, part := range []string{"train", "test"} {
		at := "emnist-" + string(split) + "-" + part
		p.pairs[i] = pair{publishedFile{name: at + "-images-idx3-ubyte"},
			publishedFile{name: at + "-labels-idx1-ubyte"}}
	}
	return p, ok
}

// sets returns the sets whose files are similar enough to be confused with each other.
func sets() []published { return []published{mnist(), fashionMNIST(), kmnist(), qmnist()} }

// whose returns the set whose file has that checksum, "" if none has.
func whose(sum string) (set published, file string) {
	if sum == "" {
		return published{}, ""
	}
	for _, p := range sets() {
		for _, pair := range p.pairs {
			for _, f := range []publishedFile{pair.images, pair.labels} {
				switch sum {
				case f.gz:
					return p, f.name + ".gz"
				case f.plain:
					return p, f.name
				}
			}
		}
	}
	return published{}, ""
}
