package data_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/data"
)

// numbered returns n samples of two numbers, i and −i, of class i mod k.
func numbered(t testing.TB, n, k int) *data.Set {
	x, labels := make([]float64, 2*n), make([]int, n)
	for i := range n {
		x[2*i], x[2*i+1], labels[i] = float64(i), -float64(i), i%k
	}
	s, err := data.New(x, 1, []int{2}, labels, k)
	require.NoError(t, err)
	return s
}

// buffers returns tensors for a batch of s.
func buffers(s data.Source, dt tensor.Dtype) (x, y *tensor.Dense) {
	n := s.BatchSize()
	return tensor.New(tensor.WithShape(append([]int{n}, s.SampleShape()...)...), tensor.Of(dt)),
		tensor.New(tensor.WithShape(append([]int{n}, s.TargetShape()...)...), tensor.Of(dt))
}

// batch is what a source delivered: the number of each sample, or −1 for the end
// of an epoch. Of numbered samples it has checked the rest.
type batch []int

// take returns the next n results of a source of numbered samples.
func take(t testing.TB, s data.Source, n, k int) (all []batch) {
	x, y := buffers(s, tensor.Float64)
	all = make([]batch, 0, n)
	for range n {
		err := s.Next(x, y)
		if err == io.EOF {
			all = append(all, batch{-1})
			continue
		}
		require.NoError(t, err)
		b := batch{}
		for i, label := range y.Float64s() {
			v := x.Float64s()[2*i]
			require.Equal(t, -v, x.Float64s()[2*i+1])
			require.Equal(t, float64(int(v)%k), label)
			b = append(b, int(v))
		}
		all = append(all, b)
	}
	return all
}
