package metrics

import (
	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/given"
	"github.com/whitebox-nn/whitebox/internal/lin"
	"github.com/whitebox-nn/whitebox/internal/par"
	"github.com/whitebox-nn/whitebox/internal/simd"
)

// NearestSubspace configures the classifier that assigns a sample to the class
// whose subspace is the nearest:
//
//	argmin_j ‖(I − V_j V_jᵀ)(z − μ_j)‖
//
// V_j are the first Dim right singular vectors of the class's samples, and μ_j
// their mean (Centered: principal components) or 0.
//
// Reference: Yu, Chan, You, Song, Ma. Learning diverse and discriminative
// representations via the principle of maximal coding rate reduction. NeurIPS
// 2020, section 3, where Dim is 30 in the authors' code.
type NearestSubspace struct {
	Dim      int  // of each subspace, fewer if a class has no more; 0 is 30, or one less than the features
	Centered bool // through the class mean, not the origin

	// Gram takes the eigenvectors of the smaller Gram matrix of each class, several times as fast. Directions along
	// which the samples vary by less than 10⁻⁷ of the largest variation are then lost in rounding.
	Gram    bool
	Workers int // goroutines; 0 is GOMAXPROCS
}

// Subspaces is a fitted NearestSubspace.
type Subspaces struct {
	mu    [][]float64  // nil if not centred
	basis []*mat.Dense // d×r_j
	width int
}

// NewSubspaces returns the classifier by these subspaces, as Bases gives them: orthonormal columns, d×r_j, and a
// point of each, or nil for the origin. It keeps them. Errors: no subspaces, different d, or a number that is not
// finite.
func NewSubspaces(mu [][]float64, bases []*mat.Dense) (*Subspaces, error) {
	if len(bases) == 0 || mu != nil && len(mu) != len(bases) {
		return nil, errors.Wrapf(ErrInput, "subspaces: %d bases and %d points, want a basis of each class, and a "+
			"point of each or of none", len(bases), len(mu))
	}
	s := &Subspaces{mu: mu, basis: bases}
	for j, b := range bases {
		if b == nil || b.IsEmpty() {
			return nil, errors.Wrapf(ErrInput, "subspaces: class %d has no basis", j)
		}
		d, _ := b.Dims()
		if j == 0 {
			s.width = d
		}
		if d != s.width || mu != nil && len(mu[j]) != d {
			return nil, errors.Wrapf(ErrInput, "subspaces: class %d is of %d features, and class 0 of %d, or its "+
				"point is of another number", j, d, s.width)
		}
		finite := mat.Norm(b, 1)
		if mu != nil {
			finite += floats.Norm(mu[j], 1)
		}
		if finite-finite != 0 {
			return nil, errors.Wrapf(ErrInput, "subspaces: class %d holds a number that is not finite", j)
		}
	}
	return s, nil
}

// Bases returns the classifier's own memory: orthonormal columns of each class, d×r_j, and the mean of each, nil if
// not Centered.
func (s *Subspaces) Bases() (mu [][]float64, bases []*mat.Dense) {
	if s == nil {
		return nil, nil
	}
	return s.mu, s.basis
}

// Fit finds the subspaces of k classes. Cost: a thin singular value
// decomposition of each class, or the first Dim vectors of it, which a Gram matrix or
// block Krylov iterations find where they lose nothing. Errors: a class without samples,
// or with one if Centered; Dim or Workers below 0, or Dim as large as the features, when no
// distance is left.
func (c NearestSubspace) Fit(z *mat.Dense, labels []int, k int) (*Subspaces, error) {
	least := 1
	if c.Centered {
		least = 2
	}
	classes, err := byClass(z, labels, k, least)
	if err != nil {
		return nil, errors.WithMessage(err, "nearest subspace")
	}
	_, d := z.Dims()
	if d < 2 {
		return nil, errors.Wrapf(ErrInput,
			"nearest subspace: %d feature, want at least 2: a subspace is smaller than its space", d)
	}
	if c.Dim == 0 {
		c.Dim = min(30, d-1)
	}
	if c.Dim < 0 || c.Dim >= d {
		return nil, errors.Wrapf(ErrInput, "nearest subspace: Dim is %d for %d features, want it in 1, …, %d", c.Dim, d,
			d-1)
	}
	if c.Workers < 0 {
		return nil, errors.Wrapf(ErrInput, "nearest subspace: %d workers, want at least 1, or 0 for GOMAXPROCS",
			c.Workers)
	}
	n, _ := z.Dims()
	pool := lin.PoolFor(c.Workers, 4*float64(n)*float64(d)*float64(min(n/k, d)))
	defer pool.Close()
	f := &subspaceFit{NearestSubspace: c, classes: classes, errs: make([]error, k),
		spaces: make([]classSpace, pool.Workers())}
	f.out.basis, f.out.width = make([]*mat.Dense, k), d
	if c.Centered {
		f.out.mu = make([][]float64, k)
	}
	if k < pool.Workers() {
		f.pool = pool
		f.Range(0, 0, k)
	} else {
		pool.Run(f, k, 1)
	}
	for j, err := range f.errs {
		if err != nil {
			return nil, errors.Wrapf(ErrInput, "nearest subspace: class %d: the singular value decomposition: %v", j,
				err)
		}
	}
	return &f.out, nil
}

// subspaceFit is the task of all classes, side by side, or one after the other with the
// pool for each.
type subspaceFit struct {
	NearestSubspace
	classes []*mat.Dense // spoilt
	pool    *par.Pool
	spaces  []classSpace // of a worker
	errs    []error
	out     Subspaces
}

// classSpace is a worker's workspace.
type classSpace struct {
	full         lin.Singular[float64]
	gram         lin.GramSide[float64]
	few          lin.Truncated[float64]
	values, rows []float64
}

// Range finds the subspaces of some classes.
func (f *subspaceFit) Range(worker, lo, hi int) {
	w := &f.spaces[worker]
	for j := lo; j < hi; j++ {
		f.errs[j] = f.class(w, j)
	}
}

func (f *subspaceFit) class(w *classSpace, j int) (err error) {
	x := f.classes[j]
	n, d := x.Dims()
	count := min(f.Dim, n, d)
	if f.Centered {
		f.out.mu[j] = mean(x)
		for i := range n {
			floats.Sub(x.RawRowView(i), f.out.mu[j])
		}
		count = min(count, n-1) // rank of centred samples
	}
	raw := x.RawMatrix()
	w.values, w.rows = grown(w.values, count), grown(w.rows, count*d)
	switch {
	case f.Gram:
		err = w.gram.Solve(f.pool, n, d, count, raw.Data, raw.Stride, w.values, w.rows, d)
	case 2*count <= min(n, d):
		err = w.few.Solve(f.pool, n, d, count, raw.Data, raw.Stride, 0, w.values, w.rows, d)
	default:
		err = w.full.Leading(f.pool, n, d, count, raw.Data, raw.Stride, w.values, nil, 0, w.rows, d)
	}
	if err != nil {
		return err
	}
	columns := make([]float64, d*count)
	simd.Transpose(columns, count, w.rows, d, count, d)
	f.out.basis[j] = mat.NewDense(d, count, columns)
	return nil
}

// grown returns a buffer of n elements, buf if that is long enough.
func grown(buf []float64, n int) []float64 {
	if cap(buf) >= n {
		return buf[:n]
	}
	return make([]float64, n)
}

// Predict implements Classifier. Cost: 4·d·Σr_j operations a sample.
func (s *Subspaces) Predict(z *mat.Dense) ([]int, error) {
	if s == nil || len(s.basis) == 0 {
		return nil, errors.Wrap(ErrInput, "nearest subspace: predict: no subspaces: make them by Fit")
	}
	if err := checkWidth(z, s.width); err != nil {
		return nil, errors.WithMessage(err, "nearest subspace: predict")
	}
	n, d := z.Dims()
	distance := mat.NewDense(n, len(s.basis), nil) // negative
	pool := lin.PoolFor(0, 4*float64(n)*float64(d)*float64(d))
	defer pool.Close()
	var along []float64
	for j, v := range s.basis {
		x := mat.DenseCopyOf(z)
		if s.mu != nil {
			x = minus(z, s.mu[j])
		}
		_, r := v.Dims()
		along = grown(along, n*r)
		rest, basis := x.RawMatrix(), v.RawMatrix()
		lin.Gemm(pool, false, false, n, r, d, 1, rest.Data, d, basis.Data, basis.Stride, 0, along, r)
		lin.Gemm(pool, false, true, n, d, r, -1, along, r, basis.Data, basis.Stride, 1, rest.Data, d)
		for i := range n {
			distance.Set(i, j, -floats.Norm(x.RawRowView(i), 2))
		}
	}
	return Argmax(distance)
}

// Affinity returns the k×k matrix of how much class subspaces share, which is 0
// where they are orthogonal and 1 where one contains the other:
//
//	A_ij = ‖V_iᵀV_j‖_F² / min(r_i, r_j) = mean of cos²θ over the principal angles θ
//
// V_j spans the r_j leading right singular vectors of the class's samples that
// hold the given share of their energy, as Rank counts them; 0 is 0.95.
func Affinity(z *mat.Dense, labels []int, k int, energy float64) (*mat.SymDense, error) {
	classes, err := byClass(z, labels, k, 1)
	if err != nil {
		return nil, errors.WithMessage(err, "affinity")
	}
	basis := make([]*mat.Dense, k)
	for j, x := range classes {
		sigma, err := singularValues(x)
		if err != nil {
			return nil, errors.WithMessagef(err, "affinity: class %d", j)
		}
		r, err := Rank(sigma, energy)
		if err != nil {
			return nil, err
		}
		if r == 0 {
			return nil, errors.Wrapf(ErrInput, "affinity: all features of class %d are 0", j)
		}
		if basis[j], err = rightVectors(x, r); err != nil {
			return nil, errors.WithMessagef(err, "affinity: class %d", j)
		}
	}
	a := mat.NewSymDense(k, nil)
	for i := range k {
		for j := i; j < k; j++ {
			var c mat.Dense
			c.Mul(basis[i].T(), basis[j])
			f := mat.Norm(&c, 2)
			rows, cols := c.Dims()
			a.SetSym(i, j, f*f/float64(min(rows, cols)))
		}
	}
	return a, nil
}

// MeanOffDiagonal returns the mean of the elements beside the diagonal: of an
// Affinity, how far class subspaces are from orthogonal to each other.
func MeanOffDiagonal(a mat.Symmetric) (float64, error) {
	if given.Nil(a) {
		return 0, errors.Wrap(ErrInput, "mean off the diagonal of no matrix")
	}
	k := a.SymmetricDim()
	if k < 2 {
		return 0, errors.Wrapf(ErrInput, "mean off the diagonal of a %d×%d matrix", k, k)
	}
	sum := 0.0
	for i := range k {
		for j := range i {
			sum += a.At(i, j)
		}
	}
	return sum / float64(k*(k-1)/2), nil
}
