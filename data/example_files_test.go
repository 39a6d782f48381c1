package data_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/nn"
)

// A table, the classes of its last column, and the numbers of its categories. Another table is read in the
// same way by the Schema: its columns may stand in another order.
func ExampleReadCSV() {
	table := "length,colour,class\n1.5,red,apple\n2.5,yellow,pear\n1.8,green,apple\n"
	set, err := data.ReadCSV(strings.NewReader(table), data.CSVConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.ClassNames(), set.Labels(), set.Schema().Columns[1].Categories)
	schema := set.Schema()
	more, err := data.ReadCSV(strings.NewReader("colour,length\nred,1.1\n"), data.CSVConfig{Schema: &schema})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(more.Row(nil, 0))
	// Output:
	// [apple pear] [0 1 0] [green red yellow]
	// [1.1 1] <nil>
}

// What numpy.save(file, numpy.array([[1, 2], [3, 4]], ">i2")) wrote.
func ExampleReadNPY() {
	file := "\x93NUMPY\x01\x00\x46\x00{'descr': '>i2', 'fortran_order': False, 'shape': (2, 2), }          \n" +
		"\x00\x01\x00\x02\x00\x03\x00\x04"
	a, err := data.ReadNPY(strings.NewReader(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := data.ArrayAs[float32](a)
	fmt.Println(a, x, err)
	// Output: int16 [2 2] [1 2 3 4] <nil>
}

// Images that NumPy saved with their channels last, and their labels.
func ExampleLoadArrays() {
	set, err := data.LoadArrays("testdata/images.npy", "testdata/labels.npy", data.ArraysConfig{ChannelsLast: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Len(), set.Shape(), set.ClassNames(), set.Counts())
	// Output: 60 [3 4 4] [-2 7] [30 30]
}

func ExampleLoadNPZ() {
	arrays, err := data.LoadNPZ("testdata/arrays.npz", data.NPZConfig{Names: []string{"cube", "f8"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(arrays["cube"], arrays["f8"])
	// Output: int16 [2 3 4 5] float64 [2 3]
}

// Samples that stay in their file, for sets that are larger than memory.
func ExampleOpenArrays() {
	set, err := data.OpenArrays("testdata/images.npy", "testdata/labels.npy", data.ArraysConfig{ChannelsLast: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer set.Close()
	x := tensor.New(tensor.WithShape(20, 3, 4, 4), tensor.Of(tensor.Float32))
	fmt.Println(set.Fill(x, 40, 20), x.Shape())
	// Output: <nil> (20, 3, 4, 4)
}

// A class a folder, images of two sizes, scaled to one.
func ExampleImageFolder() {
	dir := nn.Must(os.MkdirTemp("", "example"))
	defer os.RemoveAll(dir)
	for i, name := range []string{"cat/1.png", "cat/2.png", "dog/1.png"} {
		m := image.NewRGBA(image.Rect(0, 0, 8+i, 8))
		m.Set(0, 0, color.White)
		var b bytes.Buffer
		path := filepath.Join(dir, name)
		if os.MkdirAll(filepath.Dir(path), 0o777) != nil || png.Encode(&b, m) != nil ||
			os.WriteFile(path, b.Bytes(), 0o666) != nil {
			return
		}
	}
	set, err := data.ImageFolder{Dir: dir, Height: 6, Width: 6}.Load(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Shape(), set.ClassNames(), set.Labels())
	// Output: [3 6 6] [cat dog] [0 0 1]
}
