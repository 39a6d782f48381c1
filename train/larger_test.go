package train_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/train"
)

// writeSamples writes n samples of d float32, and their classes of two, as NumPy does.
func writeSamples(t *testing.T, x, y string, n, d int) {
	t.Helper()
	write := func(path, descr, shape string, numbers func(w *bufio.Writer)) {
		f, err := os.Create(path)
		require.NoError(t, err)
		w := bufio.NewWriter(f)
		header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", descr, shape)
		_, err = w.Write(append(binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header))),
			header...))
		require.NoError(t, err)
		numbers(w)
		require.NoError(t, w.Flush())
		require.NoError(t, f.Close())
	}
	rng := rand.New(rand.NewPCG(1, 2))
	write(x, "<f4", fmt.Sprintf("%d, %d", n, d), func(w *bufio.Writer) {
		var b [4]byte
		for range n * d {
			binary.LittleEndian.PutUint32(b[:], math.Float32bits(rng.Float32()-0.5))
			_, err := w.Write(b[:])
			require.NoError(t, err)
		}
	})
	write(y, "|u1", fmt.Sprintf("%d,", n), func(w *bufio.Writer) {
		for i := range n {
			require.NoError(t, w.WriteByte(byte(i%2)))
		}
	})
}

// peak returns the most bytes of the heap that were in use while do ran, beyond those before it.
func peak(do func()) int64 {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	end, most := make(chan struct{}), make(chan uint64)
	go func() {
		top := uint64(0)
		for {
			runtime.ReadMemStats(&now)
			top = max(top, now.HeapInuse)
			select {
			case <-end:
				most <- top
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	do()
	close(end)
	return int64(<-most) - int64(before.HeapInuse)
}

// A set that stays in its file is evaluated and predicted with the same bits, in a fraction of its memory.
func TestSetsThatStayInTheirFilesAreEvaluatedInBoundedMemory(t *testing.T) {
	const n, d = 16384, 1024
	dir := t.TempDir()
	x, y := filepath.Join(dir, "x.npy"), filepath.Join(dir, "y.npy")
	writeSamples(t, x, y, n, d)
	model, err := models.NewMLP(models.MLPConfig{Dims: []int{d, 16, 2}, Seed: 1})
	require.NoError(t, err)
	measure := func(set *data.Set, err error) (classes []int, metrics []train.Metric) {
		require.NoError(t, err)
		prepare := data.Preparation{{Mean: make([]float64, d), Std: slices.Repeat([]float64{0.25}, d)}}
		set, err = prepare.Apply(set)
		require.NoError(t, err)
		classes, err = train.Predict(t.Context(), model, set)
		require.NoError(t, err)
		e := &train.SetEvaluator{Model: model, Loss: losses.CrossEntropy{}, Set: set}
		metrics, err = e.Evaluate(t.Context())
		require.NoError(t, err)
		require.NoError(t, e.Close())
		require.NoError(t, set.Close())
		return classes, metrics
	}
	var classes, again []int
	var metrics, same []train.Metric
	held := peak(func() { classes, metrics = measure(data.LoadArrays(x, y, data.ArraysConfig{})) })
	bounded := peak(func() { again, same = measure(data.OpenArrays(x, y, data.ArraysConfig{})) })
	require.Equal(t, classes, again)
	require.Equal(t, metrics, same)
	require.Len(t, metrics, 2)
	t.Logf("the samples have %d bytes: %d at most in use where they are held, %d where they stay", 4*n*d, held, bounded)
	require.Greater(t, held, int64(4*n*d))
	require.Less(t, bounded, int64(4*n*d/2))
}
