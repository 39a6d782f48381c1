package optest

import (
	"math"
	"testing"

	"gorgonia.org/tensor"
)

// checkValue compares the output with the reference, on the case's data and on
// other data of the same shapes.
func checkValue(t *testing.T, c Case, dt tensor.Dtype, m *machine) {
	t.Helper()
	tol := c.Tol
	if dt == tensor.Float32 {
		tol = c.Tol32
	}
	for _, in := range [][]Array{c.In, moved(c, 7, 0.01), c.In} {
		out, _ := m.run(t, in)
		// The reference is computed from what the op sees: inputs rounded to dt.
		if d := distance(out, c.Ref(rounded(dt, in)...)); !(d <= tol) {
			t.Errorf("value: off by %.3g, tolerance %.1g", d, tol)
		}
	}
}

// rounded returns in as an op of that dtype reads it.
func rounded(dt tensor.Dtype, in []Array) []Array {
	out := make([]Array, len(in))
	for i, a := range in {
		out[i] = a
		out[i].Data = floats(dense(dt, a))
	}
	return out
}

// moved returns c.In with every input that is not Const moved by at most about
// h in a random direction.
func moved(c Case, seed uint64, h float64) []Array {
	in := make([]Array, len(c.In))
	for i, a := range c.In {
		in[i] = a
		if a.Const {
			continue
		}
		v := Normal(seed*1000+uint64(i), h, a.Shape...)
		in[i].Data = make([]float64, len(a.Data))
		for k := range a.Data {
			in[i].Data[k] = a.Data[k] + v.Data[k]
		}
	}
	return in
}

// checkRepeats compares two runs, all memory being NaN before the second.
func checkRepeats(t *testing.T, c Case, m *machine) {
	t.Helper()
	out, grads := m.run(t, c.In)
	if err := m.p.Poison(); err != nil {
		t.Fatal(err)
	}
	again, gradsAgain := m.run(t, c.In)
	sameBits(t, "second run, in memory full of NaNs", again, out)
	for i := range grads {
		sameBits(t, "gradient, second run, in memory full of NaNs", gradsAgain[i], grads[i])
	}
}

// checkAllocations checks that a run allocates nothing after the first one.
func checkAllocations(t *testing.T, m *machine) {
	t.Helper()
	run := func() {
		if err := m.p.Run(); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(2, run); n != 0 {
		t.Errorf("a run makes %g allocations, want none", n)
	}
}

func checkWorkers(t *testing.T, c Case, dt tensor.Dtype, m *machine) {
	t.Helper()
	out, grads := m.run(t, c.In)
	for _, workers := range []int{2, 8} {
		w := newMachine(t, c, dt, workers)
		got, gotGrads := w.run(t, c.In)
		w.close()
		sameBits(t, "more workers", got, out)
		for i := range grads {
			sameBits(t, "gradient, more workers", gotGrads[i], grads[i])
		}
	}
}

func checkTapeMachine(t *testing.T, c Case, dt tensor.Dtype, m *machine) {
	t.Helper()
	out, grads := m.run(t, c.In)
	got, gotGrads := tape(t, c, dt)
	sameBits(t, "tape machine", got, out)
	for i := range grads {
		sameBits(t, "gradient, tape machine", gotGrads[i], grads[i])
	}
}

// checkGradient compares ⟨∇L, v⟩ with the central difference of L = ⟨w, out⟩
// along four directions v.
func checkGradient(t *testing.T, c Case, m *machine) {
	t.Helper()
	if len(m.grads) == 0 {
		return
	}
	if c.Smooth != nil && !c.Smooth(c.In...) {
		t.Fatal("gradient: the case's inputs are at a kink")
	}
	w := weights(len(c.Ref(c.In...))).Data
	loss := func(in []Array) (sum float64) {
		out, _ := m.run(t, in)
		for i, v := range out {
			sum += w[i] * v
		}
		return sum
	}
	_, grads := m.run(t, c.In)
	for seed := range uint64(4) {
		up, down := moved(c, seed, c.Step), moved(c, seed, -c.Step)
		want := (loss(up) - loss(down)) / (2 * c.Step)
		got, scale := 0.0, 1.0
		for i, g := 0, 0; i < len(c.In); i++ {
			if c.In[i].Const {
				continue
			}
			for k := range c.In[i].Data {
				term := grads[g][k] * (up[i].Data[k] - down[i].Data[k]) / (2 * c.Step)
				got += term
				scale += math.Abs(term)
			}
			g++
		}
		if !(math.Abs(got-want) <= 1e-7*scale) {
			t.Errorf("gradient: direction %d: ⟨∇L, v⟩ = %.10g, central difference %.10g", seed, got, want)
		}
	}
}

// checkGradient32 compares the float32 gradients with those in float64.
func checkGradient32(t *testing.T, c Case, m *machine) {
	t.Helper()
	_, narrow := m.run(t, c.In)
	wide := newMachine(t, c, tensor.Float64, 1)
	defer wide.close()
	_, want := wide.run(t, c.In)
	for i := range want {
		if d := distance(narrow[i], want[i]); !(d <= 10*c.Tol32) {
			t.Errorf("gradient %d: float32 is off float64 by %.3g, tolerance %.1g", i, d, 10*c.Tol32)
		}
	}
}

func sameBits(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d elements, want %d", what, len(got), len(want))
	}
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
			t.Fatalf("%s: element %d is %v, was %v", what, i, got[i], want[i])
		}
	}
}

// distance returns max|got−want| / max(1, max|want|), or +Inf where the lengths
// or the NaNs differ.
func distance(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	scale, worst := 1.0, 0.0
	for i := range want {
		if math.IsNaN(got[i]) || math.IsNaN(want[i]) {
			if math.IsNaN(got[i]) != math.IsNaN(want[i]) {
				return math.Inf(1)
			}
			continue
		}
		if math.IsInf(want[i], 0) && got[i] == want[i] {
			continue
		}
		scale = max(scale, math.Abs(want[i]))
		worst = max(worst, math.Abs(got[i]-want[i]))
	}
	return worst / scale
}
