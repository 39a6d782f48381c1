package redunet

import (
	"math"
	"sync/atomic"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/simd"
	"github.com/whitebox-nn/whitebox/op"
)

// sphereGeometry is how z of Sphere lies: there are no maps.
func sphereGeometry(z []int) geometry { return geometry{z[0], z[1], 0, z[2]} }

// A failing is the first of some samples that failed, found by several goroutines.
type failing struct{ atomic.Int64 }

// none makes it that of no sample.
func (f *failing) none() { f.Store(math.MaxInt64) }

// at notes that sample i failed.
func (f *failing) at(i int) {
	for was := f.Load(); int64(i) < was && !f.CompareAndSwap(was, int64(i)); was = f.Load() {
	}
}

// first returns the first that failed; ok is false for none.
func (f *failing) first() (i int, ok bool) { return int(f.Load()), f.Load() < math.MaxInt64 }

// noDirection is the error of a sample that cannot be put on the sphere, whose largest
// number is most.
func noDirection(i, n int, most float64) error {
	if most == 0 {
		return op.Errorf("redunet: sphere: sample %d of %d is 0 and has no direction to keep", i, n)
	}
	return errors.Wrapf(op.ErrNotFinite, "redunet: sphere: sample %d of %d holds %v", i, n, most)
}

func bindSphere[T op.Float](_ Sphere, a *op.Args[T]) op.Run {
	g := sphereGeometry(a.Shape)
	var failed failing
	run := samples(a, g, func(i int) {
		r, ok := length(g, a.In[0], i)
		if !ok {
			if !scaledSphere(g, a.Out, a.In[0], i) {
				failed.at(i)
			}
			return
		}
		c := T(1 / r)
		for p := range g.blocks {
			simd.Affine(z(g, a.Out, p, i), c, z(g, a.In[0], p, i), 0)
		}
	})
	return func() error {
		failed.none()
		if err := run(); err != nil {
			return err
		}
		if i, bad := failed.first(); bad {
			return noDirection(i, g.n, simd.MaxAbs(gathered(g, a.In[0], i)))
		}
		return nil
	}
}

// gathered returns a copy of sample i.
func gathered[T op.Float](g geometry, x []T, i int) (row []T) {
	for p := range g.blocks {
		row = append(row, z(g, x, p, i)...)
	}
	return row
}

// scatter stores row as sample i.
func scatter[T op.Float](g geometry, x, row []T, i int) {
	for p := range g.blocks {
		copy(z(g, x, p, i), row[p*g.d:])
	}
}

// scaledSphere puts sample i of x on the sphere, whatever its magnitude. It allocates.
func scaledSphere[T op.Float](g geometry, out, x []T, i int) bool {
	row := gathered(g, x, i)
	ok := simd.Unit(row, row)
	if ok {
		scatter(g, out, row, i)
	}
	return ok
}

// length returns ‖xᵢ‖₂, summed in T at each frequency; ok is false where that is too
// small or too large for its squares.
func length[T op.Float](g geometry, x []T, i int) (r float64, ok bool) {
	sum := 0.0
	for p := range g.blocks {
		row := z(g, x, p, i)
		sum += float64(simd.Dot(row, row))
	}
	return math.Sqrt(sum), squaresFit[T](sum)
}

// squaresFit reports whether a sum of squares lost nothing to the range of T.
func squaresFit[T op.Float](sum float64) bool {
	if least := 1e-300; T(least) == 0 { // float32
		return sum >= 0x1p-80 && sum <= 0x1p120
	}
	return sum >= 0x1p-800 && sum <= 0x1p1000
}

func bindSphereGrad[T op.Float](_ sphereGrad, a *op.Args[T]) op.Run {
	g := sphereGeometry(a.Shape)
	lo, hi := 0x1p-400, 0x1p400
	if least := 1e-300; T(least) == 0 { // float32
		lo, hi = 0x1p-60, 0x1p60
	}
	return samples(a, g, func(i int) {
		r, ok := length(g, a.In[1], i)
		dot := 0.0
		for p := range g.blocks {
			dot += float64(simd.Dot(z(g, a.In[0], p, i), z(g, a.In[1], p, i)))
		}
		along := -dot / (r * r * r)
		if size := math.Abs(along); !ok || r < 0x1p-30 || r > 0x1p30 || !(size >= lo && size <= hi) {
			dx, x := gathered(g, a.In[0], i), gathered(g, a.In[1], i)
			simd.UnitGrad(dx, dx, x)
			scatter(g, a.Out, dx, i)
			return
		}
		for p := range g.blocks {
			simd.Combine(z(g, a.Out, p, i), T(1/r), z(g, a.In[0], p, i), T(along), z(g, a.In[1], p, i), 0)
		}
	})
}
