package subspace

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/distance"
	"github.com/whitebox-nn/whitebox/internal/par"
)

// MiniBatchKMeans is [KMeans] by small batches, for sets of samples that are too large for Lloyd's iterations. A step
// draws BatchSize samples with replacement, gives each to its nearest centre, and moves each centre c that got
// samples:
//
//	c ← (w c + Σ x) / (w + m),    w ← w + m
//
// where m is the number of its samples in the batch and w that of all batches before: the learning rate of a centre
// is one over its count. The definition, and each setting, is that of scikit-learn's class of this name.
//
// After 10·Groups samples, and in a step that begins with a w of 0, centres of w below
// ReassignmentRatio times the largest, but no more than half a batch has samples, those of the least w, move to
// different samples of the batch, drawn at random, and their w is that of the least other centre.
//
// It ends after MaxIter passes, once Σ_j ‖Δc_j‖² ≤ Tol·(mean variance), or once the mean inertia of a batch, smoothed
// with weight min(1, 2·BatchSize/(n+1)), has not been lower than ever for MaxNoImprovement steps.
//
// Reference: Sculley. Web-scale k-means clustering. WWW 2010.
type MiniBatchKMeans struct {
	Groups           int     // k
	NInit            int     // starts, of which the best by InitSize samples is taken; 0 is 1
	BatchSize        int     // 0 is 1024; at most n are drawn
	MaxIter          int     // passes over the samples, at most; 0 is 100
	MaxNoImprovement int     // 0 is 10; negative: this never ends it
	Tol              float64 // 0 never ends it
	InitSize         int     // samples that k-means++ draws from, with replacement; 0 is 3·BatchSize, or 3·Groups
	// if that is below Groups; all where there are no more
	ReassignmentRatio float64 // 0 is 0.01, below 0 moves no centre
	// Start is the first centres, k×d; nil draws them.
	Start   *mat.Dense
	Seed    uint64
	Workers int // goroutines; 0 is all processors
}

// Fit groups the rows of x, n×d. Labels are the nearest centres. A group may have no sample; such groups come last.
// Iter counts steps.
//
// Cost: 2·BatchSize·k·d a step in float32, 2·n·k·d at the end, and no memory that grows with n·d. Errors: ErrInput for
// samples or settings that make no sense, k above n among them.
func (c MiniBatchKMeans) Fit(x *mat.Dense) (*Centres, error) {
	if err := c.complete(x); err != nil {
		return nil, errors.WithMessage(err, "mini-batch k-means")
	}
	pool := par.New(c.Workers)
	defer pool.Close()
	b := newBatches(pool, c, x)
	b.begin()
	n, _ := x.Dims()
	steps := int(min(float64(c.MaxIter)*float64(n)/float64(c.BatchSize), mostIterations))
	iter := 0
	for done := false; iter < steps && !done; iter++ {
		done = b.step(iter)
	}
	labels, far := nearestCentres(pool, x, b.centres)
	found := &Centres{Labels: labels, Centres: b.centres, Iter: iter}
	for _, v := range far {
		found.Inertia += v
	}
	found.renumber()
	return found, nil
}

// complete checks samples and settings and fills in defaults.
func (c *MiniBatchKMeans) complete(x *mat.Dense) error {
	lloyd := KMeans{Groups: c.Groups, NInit: c.NInit, MaxIter: c.MaxIter, Tol: c.Tol, Start: c.Start,
		Workers: c.Workers}
	if err := check(x); err != nil {
		return err
	}
	if err := lloyd.complete(x); err != nil {
		return err
	}
	if c.BatchSize < 0 || c.InitSize < 0 || c.InitSize > 0 && c.InitSize < c.Groups || !(c.ReassignmentRatio <= 1) {
		return errors.Wrapf(ErrInput, "batches of %d samples, %d to begin with, reassignment ratio %v; want batches "+
			"of at least 1, as many as the %d groups to begin with, and a ratio of at most 1", c.BatchSize, c.InitSize,
			c.ReassignmentRatio, c.Groups)
	}
	n, _ := x.Dims()
	c.NInit = max(1, c.NInit)
	defaults := []struct {
		of   *int
		want int
	}{{&c.BatchSize, 1024}, {&c.MaxIter, 100}, {&c.MaxNoImprovement, 10}}
	for _, d := range defaults {
		if *d.of == 0 {
			*d.of = d.want
		}
	}
	c.BatchSize = min(c.BatchSize, n)
	if c.InitSize == 0 {
		if c.InitSize = 3 * c.BatchSize; c.InitSize < c.Groups {
			c.InitSize = 3 * c.Groups
		}
	}
	c.InitSize = min(c.InitSize, n)
	if c.ReassignmentRatio == 0 {
		c.ReassignmentRatio = 0.01
	}
	return nil
}

// batches is mini-batch k-means at work.
type batches struct {
	MiniBatchKMeans
	pool    *par.Pool
	rng     *rand.Rand
	x       *mat.Dense
	centres *mat.Dense
	weights []float64 // w

	batch   *mat.Dense
	points  *distance.Points
	labels  *labelling
	before  *mat.Dense
	since   int     // samples since centres were moved to samples
	least   float64 // Σ‖Δc‖² to stop at
	mean    float64 // smoothed inertia of a sample
	lowest  float64
	waiting int // steps since then
}

func newBatches(pool *par.Pool, c MiniBatchKMeans, x *mat.Dense) *batches {
	n, d := x.Dims()
	b := &batches{MiniBatchKMeans: c, pool: pool, rng: rand.New(rand.NewPCG(c.Seed, 0)), x: x,
		weights: make([]float64, c.Groups), batch: mat.NewDense(c.BatchSize, d, nil),
		before: mat.NewDense(c.Groups, d, nil), least: -1, mean: math.NaN(), lowest: math.Inf(1)}
	raw := x.RawMatrix()
	b.points = distance.NewPoints(pool, raw.Data, min(n, c.BatchSize), d, raw.Stride)
	b.labels = newLabelling(pool, b.points, c.Groups)
	if c.Tol > 0 {
		b.least = c.Tol * distance.Variance(pool, raw.Data, n, d, raw.Stride)
	}
	return b
}

// draw fills rows of m with samples drawn with replacement.
func (b *batches) draw(m *mat.Dense) {
	n, _ := b.x.Dims()
	rows, _ := m.Dims()
	for i := range rows {
		m.SetRow(i, b.x.RawRowView(b.rng.IntN(n)))
	}
}

// begin chooses the first centres: those of NInit draws with the least inertia of samples that are drawn before.
func (b *batches) begin() {
	if b.Start != nil {
		b.centres = mat.DenseCopyOf(b.Start)
		return
	}
	_, d := b.x.Dims()
	some := mat.NewDense(b.InitSize, d, nil)
	var judges *mat.Dense
	if b.NInit > 1 {
		judges = mat.NewDense(b.InitSize, d, nil)
		b.draw(judges)
	}
	best := math.Inf(1)
	for range b.NInit {
		if n, _ := b.x.Dims(); b.InitSize == n {
			some.Copy(b.x)
		} else {
			b.draw(some)
		}
		points := distance.NewPoints(b.pool, some.RawMatrix().Data, b.InitSize, d, d)
		l := newLloyd(b.pool, points, KMeans{Groups: b.Groups}, 1)
		l.plusPlus(b.rng, l.starts)
		if b.NInit == 1 {
			b.centres = l.starts[0].centres
			return
		}
		_, far := nearestCentres(b.pool, judges, l.starts[0].centres)
		if inertia := floats.Sum(far); b.centres == nil || inertia < best {
			b.centres, best = l.starts[0].centres, inertia
		}
	}
}

// step is one batch. It reports whether it was the last.
func (b *batches) step(iter int) (done bool) {
	b.draw(b.batch)
	b.points.Fill(b.pool, b.batch.RawMatrix().Data, b.BatchSize, b.batch.RawMatrix().Stride)
	b.labels.run(b.centres)
	inertia := 0.0
	for _, v := range b.labels.far {
		inertia += v
	}
	b.before.Copy(b.centres)
	b.since += b.BatchSize
	again := b.since >= 10*b.Groups || slices.Contains(b.weights, 0)
	b.move()
	if again {
		b.since = 0
		b.reassign()
	}
	return iter > 0 && b.converged(inertia/float64(b.BatchSize))
}

// move takes the samples of the batch into the means of their centres.
func (b *batches) move() {
	for g := range b.Groups {
		rows := b.labels.rows(g)
		if len(rows) == 0 {
			continue
		}
		centre := b.centres.RawRowView(g)
		floats.Scale(b.weights[g], centre)
		b.points.AddRows(centre, 1, rows)
		b.weights[g] += float64(len(rows))
		floats.Scale(1/b.weights[g], centre)
	}
}

// reassign moves centres of few samples to samples of the batch.
func (b *batches) reassign() {
	most := slices.Max(b.weights)
	var few []int
	for g, w := range b.weights {
		if w < b.ReassignmentRatio*most {
			few = append(few, g)
		}
	}
	if limit := b.BatchSize / 2; len(few) > limit {
		slices.SortStableFunc(few, func(g, h int) int {
			switch {
			case b.weights[g] < b.weights[h]:
				return -1
			case b.weights[g] > b.weights[h]:
				return 1
			}
			return 0
		})
		few = few[:limit]
		slices.Sort(few)
	}
	if len(few) == 0 {
		return
	}
	least := math.Inf(1)
	for g, w := range b.weights {
		if !slices.Contains(few, g) {
			least = min(least, w)
		}
	}
	for i, row := range b.rng.Perm(b.BatchSize)[:len(few)] {
		b.centres.SetRow(few[i], b.batch.RawRowView(row))
		b.weights[few[i]] = least
	}
}

// converged takes the mean inertia of a batch and says whether to end.
func (b *batches) converged(inertia float64) bool {
	n, _ := b.x.Dims()
	alpha := min(1, 2*float64(b.BatchSize)/float64(n+1))
	if math.IsNaN(b.mean) {
		b.mean = inertia
	} else {
		b.mean = (1-alpha)*b.mean + alpha*inertia
	}
	if b.least >= 0 {
		steps := 0.0
		for g := range b.Groups {
			steps += distance.Squared(b.before.RawRowView(g), b.centres.RawRowView(g))
		}
		if steps <= b.least {
			return true
		}
	}
	if b.mean < b.lowest {
		b.lowest, b.waiting = b.mean, 0
	} else {
		b.waiting++
	}
	return b.MaxNoImprovement >= 0 && b.waiting >= b.MaxNoImprovement
}
