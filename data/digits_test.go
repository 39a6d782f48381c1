package data_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/whitebox-nn/whitebox/data"
)

func TestDigitsAreThoseOfTheRepository(t *testing.T) {
	all, err := data.AllDigits()
	require.NoError(t, err)
	assert.Equal(t, []int{1, 8, 8}, all.Shape())
	// The class counts of the test part, as its documentation gives them.
	assert.Equal(t, []int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, all.Counts())
	first, err := all.Row(nil, 0)
	require.NoError(t, err)
	assert.Equal(t, []float64{0, 0, 5.0 / 16, 13.0 / 16, 9.0 / 16, 1.0 / 16, 0, 0}, first[:8])
	assert.Equal(t, 0, all.Labels()[0])
	for i := range all.Len() {
		row, err := all.Row(nil, i)
		require.NoError(t, err)
		for _, v := range row {
			require.True(t, v >= 0 && v <= 1)
		}
	}
}

func TestDigitsAreSplitTheSameAtEveryCall(t *testing.T) {
	train, test, err := data.Digits()
	require.NoError(t, err)
	assert.Equal(t, 1438, train.Len())
	assert.Equal(t, 359, test.Len())
	for c, n := range test.Counts() {
		assert.InDelta(t, 36, n, 1, "class %d", c)
	}
	again, _, err := data.Digits()
	require.NoError(t, err)
	assert.Equal(t, train.Labels(), again.Labels())
	a, err := train.Row(nil, 700)
	require.NoError(t, err)
	b, err := again.Row(nil, 700)
	require.NoError(t, err)
	assert.Equal(t, a, b)
}
