package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/whitebox-nn/whitebox/optim"
)

// TestSchedules compares with torch.optim.lr_scheduler's formulas written as the
// recursions that its documentation gives.
func TestSchedules(t *testing.T) {
	const n = 12
	step, multi := 0.4, 0.4
	cos := 0.4
	for s := 1; s <= n; s++ {
		assert.InEpsilon(t, 0.4, optim.Constant(0.4)(s), 1e-14)
		assert.InEpsilon(t, step, optim.Step(0.4, 3, 0.5)(s), 1e-14)
		assert.InEpsilon(t, multi, optim.MultiStep(0.4, []int{2, 7}, 0.1)(s), 1e-13)
		assert.InEpsilon(t, cos, optim.CosineAnnealing(0.4, n, 0.1)(s), 1e-12)
		if s%3 == 0 {
			step *= 0.5
		}
		if s == 2 || s == 7 {
			multi *= 0.1
		}
		ratio := (1 + math.Cos(math.Pi*float64(s)/n)) / (1 + math.Cos(math.Pi*float64(s-1)/n))
		cos = ratio*(cos-0.1) + 0.1
	}
	assert.InEpsilon(t, 0.1, optim.CosineAnnealing(0.4, n, 0.1)(n+1), 1e-14)
	for s, want := range []float64{0.4, 0.1, 0.4, 0.1} { // up and down, of half a period a step
		assert.InEpsilon(t, want, optim.CosineAnnealing(0.4, 1, 0.1)(s+1), 1e-14)
	}

	line := optim.Polynomial(0.4, 4, 1)
	for s, want := range []float64{0.4, 0.3, 0.2, 0.1, 0, 0} {
		assert.InDelta(t, want, line(s+1), 1e-15)
	}
	assert.InEpsilon(t, 0.4*0.75*0.75, optim.Polynomial(0.4, 4, 2)(2), 1e-14)
}

func TestWarmup(t *testing.T) {
	s := optim.LinearWarmup(3, optim.Step(0.8, 2, 0.5))
	for i, want := range []float64{0.2, 0.4, 0.6, 0.8, 0.8, 0.4, 0.4, 0.2} {
		assert.InEpsilon(t, want, s(i+1), 1e-14, i)
	}
	assert.Equal(t, 0.8, optim.LinearWarmup(0, optim.Constant(0.8))(1))
}

func TestPerEpoch(t *testing.T) {
	s := optim.PerEpoch(3, optim.Step(1, 1, 0.1))
	for i, want := range []float64{1, 1, 1, 0.1, 0.1, 0.1, 0.01} {
		assert.InEpsilon(t, want, s(i+1), 1e-14, i)
	}
	assert.Equal(t, 4, optim.StepsPerEpoch(10, 3, false))
	assert.Equal(t, 3, optim.StepsPerEpoch(10, 3, true))
	assert.Equal(t, 3, optim.StepsPerEpoch(9, 3, false))
	assert.Zero(t, optim.StepsPerEpoch(0, 3, false))
	assert.Zero(t, optim.StepsPerEpoch(3, 0, false))
}

// TestSenseless shows that arguments out of range make NaN, which New refuses.
func TestSenseless(t *testing.T) {
	for _, s := range []optim.Schedule{
		optim.Step(1, 0, 0.1), optim.CosineAnnealing(1, 0, 0), optim.Polynomial(1, 0, 1),
		optim.LinearWarmup(-1, optim.Constant(1)), optim.PerEpoch(0, optim.Constant(1)),
	} {
		assert.True(t, math.IsNaN(s(1)))
	}
	assert.Nil(t, optim.LinearWarmup(1, nil))
	assert.Nil(t, optim.PerEpoch(1, nil))
}
