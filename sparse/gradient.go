package sparse

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/matrix"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// proximalGradient runs ISTA and FISTA on a batch.
//
// It holds A z beside z, so that A y, which is a combination of two A z, and F(z)
// cost no product: an iteration is one product with A and one with Aᵀ, whatever
// the options. A sample that is done changes places with the last one that is
// not, so that the products shrink.
type proximalGradient struct {
	Step     Step
	Stop     Stop
	Callback Callback
	Workers  int

	momentum, monotone bool
	restart            Restart
	mu                 float64

	p            Problem
	pool         *par.Pool
	m, n, active int
	samples      []sample
	x            []float64 // B×m
	z, last, v   []float64 // B×n: zₖ, zₖ₋₁ and the gradient, then zₖ₊₁
	grad         []float64 // B×n
	az, alast    []float64 // B×m: A zₖ, A zₖ₋₁
	av, r        []float64 // B×m: A zₖ₊₁; Ay − x, then x − Az
	plain        bool      // g is ‖·‖₁ without weights
	packed       *packed   // A, if that is a matrix
	free         *unpenalised
	out          *mat.Dense
}

// A sample is the state of one row.
type sample struct {
	index      int     // in the batch
	lambda, l  float64 // λ, L
	t, beta    float64 // FISTA's t, and the weight of the momentum
	f, least   float64 // F(z), and a bound of F for a step that is short enough
	change     float64 // ‖z⁺ − z‖
	uphill     float64 // ⟨y − z⁺, z⁺ − z⟩
	gap        float64
	iterations int
	done       bool
}

func (s *proximalGradient) solve(p Problem) (*Solution, error) {
	if err := s.begin(p); err != nil {
		return nil, err
	}
	defer s.pool.Close()
	s.watch(0)
	for k := 1; k <= s.Stop.MaxIter && s.active > 0; k++ {
		s.iterate()
		if err := s.judge(k); err != nil {
			return nil, err
		}
		s.watch(k)
		s.retire()
	}
	return s.solution()
}

// grain returns how many rows of length d are a chunk.
func grain(d int) int { return max(1, (8<<10)/d) }

// iterate computes v = zₖ₊₁ and av = A zₖ₊₁ of the active samples.
func (s *proximalGradient) iterate() {
	if s.packed != nil {
		s.iterateGroups()
	} else {
		s.pool.Run((*residuals)(s), s.active, grain(s.m))
		adjoint(s.pool, s.p.A, s.gradient(), s.r, s.active)
		s.pool.Run((*steps)(s), s.active, grain(s.n))
		apply(s.pool, s.p.A, s.av, s.v, s.active)
	}
	if s.Step.Backtrack != NoBacktrack {
		for i := range s.active {
			s.backtrack(i)
		}
	}
}

// residuals is the loop r = Ay − x.
type residuals proximalGradient

func (s *residuals) Range(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		beta, at, end := s.samples[i].beta, i*s.m, (i+1)*s.m
		r := s.r[at:end]
		simd.Combine(r, 1+beta, s.az[at:end], -1, s.x[at:end], 0)
		if beta != 0 {
			simd.Axpy(r, -beta, s.alast[at:end])
		}
	}
}

// steps is the loop v = prox(y − grad/L).
type steps proximalGradient

func (s *steps) Range(_, lo, hi int) {
	for i := lo; i < hi; i++ {
		(*proximalGradient)(s).step(i)
	}
}

// step computes v of a row.
func (s *proximalGradient) step(i int) {
	if s.plain {
		s.soften(i)
	} else {
		o, at, end := &s.samples[i], i*s.n, (i+1)*s.n
		v := s.v[at:end]
		simd.Combine(v, 1+o.beta, s.z[at:end], -1/o.l, s.grad[at:end], 0)
		if o.beta != 0 {
			simd.Axpy(v, -o.beta, s.last[at:end])
		}
		s.p.Penalty.Prox(v, v, o.lambda/o.l)
	}
	s.compare(i)
}

// compare measures the step of a row, as far as somebody asks.
func (s *proximalGradient) compare(i int) {
	o, at, end := &s.samples[i], i*s.n, (i+1)*s.n
	v, z := s.v[at:end], s.z[at:end]
	if s.Stop.Change > 0 {
		o.change = distance(v, z)
	}
	if s.restart == GradientRestart {
		o.uphill = uphill(v, z, s.last[at:end], o.beta)
	}
}

// backtrack lengthens L of a row until its rule holds.
func (s *proximalGradient) backtrack(i int) {
	for tries := 0; tries < 2000 && !s.holds(i) && matrix.Finite(s.samples[i].l); tries++ {
		if s.Step.Backtrack == Majorize {
			s.samples[i].l *= 2
		} else {
			s.samples[i].l /= 0.9
		}
		s.step(i)
		s.p.A.Apply(s.av[i*s.m:(i+1)*s.m], s.v[i*s.n:(i+1)*s.n], 1)
	}
}

// holds reports whether the step of a row is short enough for its rule.
func (s *proximalGradient) holds(i int) bool {
	o := &s.samples[i]
	moved, amoved := 0.0, 0.0 // ‖p − y‖², ‖A(p − y)‖²
	for j := i * s.n; j < (i+1)*s.n; j++ {
		d := s.v[j] - (1+o.beta)*s.z[j] + o.beta*s.last[j]
		moved += d * d
	}
	for j := i * s.m; j < (i+1)*s.m; j++ {
		d := s.av[j] - s.x[j] - s.r[j]
		amoved += d * d
	}
	const slack = 1 + 1e-10 // of the rounding of A(p − y), which decides where p = y
	if s.Step.Backtrack == Majorize {
		return amoved <= o.l*moved*slack || moved <= 1e-30*simd.Dot(s.v[i*s.n:(i+1)*s.n], s.v[i*s.n:(i+1)*s.n])
	}
	fz := s.objective(i, s.az, s.z) // y is z: see FISTA.Solve
	fp := s.objective(i, s.av, s.v)
	return fz-fp >= 0.1*o.l*moved || moved*o.l <= 1e-14*math.Abs(fp)
}

// objective returns F of row i of z, whose image is az.
func (s *proximalGradient) objective(i int, az, z []float64) float64 {
	o := &s.samples[i]
	x, ax, sum := s.x[i*s.m:(i+1)*s.m], az[i*s.m:(i+1)*s.m], 0.0
	for j, v := range ax {
		sum += (v - x[j]) * (v - x[j])
	}
	return sum/2 + o.lambda*s.p.Penalty.Value(z[i*s.n:(i+1)*s.n])
}

// distance returns ‖a − b‖.
func distance(a, b []float64) float64 {
	var s0, s1 float64
	j := 0
	for ; j+1 < len(a); j += 2 {
		d, e := a[j]-b[j], a[j+1]-b[j+1]
		s0, s1 = s0+d*d, s1+e*e
	}
	for ; j < len(a); j++ {
		s0 += (a[j] - b[j]) * (a[j] - b[j])
	}
	if sum := s0 + s1; sum >= 0x1p-900 && sum <= 0x1p1000 {
		return math.Sqrt(sum)
	}
	most, sum := 0.0, 0.0
	for j, v := range a {
		most = max(most, math.Abs(v-b[j]))
	}
	if most == 0 || !matrix.Finite(most) {
		return most
	}
	for j, v := range a {
		sum += (v - b[j]) / most * ((v - b[j]) / most)
	}
	return most * math.Sqrt(sum)
}

// uphill returns ⟨y − v, v − z⟩ with y = z + β(z − last).
func uphill(v, z, last []float64, beta float64) (sum float64) {
	for j, u := range v {
		sum += (z[j] + beta*(z[j]-last[j]) - u) * (u - z[j])
	}
	return sum
}
