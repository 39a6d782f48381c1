package data_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math/bits"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

// TestIrisIsThatOfFisher compares with the means of Fisher's table 2.
func TestIrisIsThatOfFisher(t *testing.T) {
	all, err := data.AllIris()
	require.NoError(t, err)
	assert.Equal(t, []int{4}, all.Shape())
	assert.Equal(t, []int{50, 50, 50}, all.Counts())
	means := make([][4]float64, 3)
	for i := range all.Len() {
		row, err := all.Row(nil, i)
		require.NoError(t, err)
		for j, v := range row {
			means[all.Labels()[i]][j] += v / 50
		}
	}
	for c, want := range [][4]float64{
		{5.006, 3.428, 1.462, 0.246}, {5.936, 2.770, 4.260, 1.326}, {6.588, 2.974, 5.552, 2.026},
	} {
		assert.InDeltaSlice(t, want[:], means[c][:], 1e-12)
	}
	// Where the file of the UCI repository differs.
	for i, want := range map[int][]float64{34: {4.9, 3.1, 1.5, 0.2}, 37: {4.9, 3.6, 1.4, 0.1}} {
		row, err := all.Row(nil, i)
		require.NoError(t, err)
		assert.Equal(t, want, row)
	}
	file, err := os.ReadFile("iris.csv")
	require.NoError(t, err)
	sum := sha256.Sum256(file)
	assert.Equal(t, "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449", hex.EncodeToString(sum[:]))
}

// twister is the MT19937 of NumPy's RandomState.
//
// Reference: Matsumoto, Nishimura. Mersenne twister. ACM TOMACS 8, 1998.
type twister struct {
	state [624]uint32
	at    int
}

func newTwister(seed uint32) *twister {
	w := &twister{at: 624}
	for i := range w.state {
		w.state[i] = seed
		seed = 1812433253*(seed^seed>>30) + uint32(i) + 1
	}
	return w
}

func (w *twister) next() uint32 {
	if w.at == len(w.state) {
		for i := range w.state {
			y := w.state[i]&(1<<31) | w.state[(i+1)%624]&(1<<31-1)
			w.state[i] = w.state[(i+397)%624] ^ y>>1 ^ y&1*0x9908b0df
		}
		w.at = 0
	}
	y := w.state[w.at]
	w.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// permutation is RandomState.permutation: Fisher and Yates from the end, with
// numbers that are too large drawn anew.
func (w *twister) permutation(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		mask := uint32(1)<<bits.Len32(uint32(i)) - 1
		j := w.next() & mask
		for j > uint32(i) {
			j = w.next() & mask
		}
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// TestIrisIsSplitAsByScikitLearn draws the split again.
func TestIrisIsSplitAsByScikitLearn(t *testing.T) {
	all, err := data.AllIris()
	require.NoError(t, err)
	train, test, err := data.Iris()
	require.NoError(t, err)
	assert.Equal(t, []int{31, 37, 37}, train.Counts())
	assert.Equal(t, []int{19, 13, 13}, test.Counts())
	p := newTwister(42).permutation(150)
	for part, indices := range map[*data.Set][]int{test: p[:45], train: p[45:]} {
		slices.Sort(indices)
		want, err := all.Subset(indices)
		require.NoError(t, err)
		assert.Equal(t, want.Labels(), part.Labels())
		for i := range want.Len() {
			a, err := want.Row(nil, i)
			require.NoError(t, err)
			b, err := part.Row(nil, i)
			require.NoError(t, err)
			require.Equal(t, a, b)
		}
	}
}
