package subspace

import (
	"math"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// GPCA finds k subspaces of R^d through the origin by algebra: the samples of all of
// them are the zeros of polynomials p of degree k, whose coefficients are the null
// space of the samples under the Veronese map ν_k, all monomials of degree k; and at a
// sample of one subspace alone, the gradients ∇p span its orthogonal complement.
//
// The subspaces are found one after the other, at the sample that is nearest to the zeros
// and farthest from the subspaces that were found before,
//
//	argmin_x (√(Pᵀ(∇Pᵀ∇P)⁺P) + δ) / (Π_j ‖B_jᵀx‖ + δ)
//
// and each sample is assigned to the subspace j that it is nearest to, for which ‖B_jᵀx‖ is least. Samples are
// divided by their norms, and weighted by their norms when the null space is computed, so that the noise of all
// counts alike.
//
// It needs no start and no iterations, but many samples: C(k+d−1, k) monomials. In
// practice k ≤ 4 and d ≤ 5; project the samples first, to one dimension more than the largest
// subspace has (PCA with Linear).
//
// So each subspace is determined by a single sample, which noise can spoil. With Spectral set, all samples are used:
// the angles between the normals at all samples are the weights of a graph, which [Spectral] groups; then subspaces,
// with dimensions taken from the normals, are fitted to the groups, and samples are assigned to the nearest subspace,
// until none moves.
//
// If Groups is 0, the number of subspaces is found as well. With Hyperplanes it is the least degree of a polynomial
// that vanishes on the samples. Subspaces of lower dimension may lie in fewer hyperplanes than there are subspaces: a
// plane and two lines in R³ lie in two planes. So the samples of each hyperplane are split again, in the coordinates
// of the hyperplane, until no polynomial vanishes on a part; to decide that, a part needs twice as many samples as
// monomials. Parts of less than a fiftieth of the samples are outliers. Then subspaces are fitted as with Spectral.
//
// Reference: Vidal, Ma, Sastry. Generalized principal component analysis (GPCA). PAMI 27(12), 2005: the polynomials,
// the choice of samples, the angles between normals. The weights, this form of the recursion and the fit are ours.
type GPCA struct {
	Groups      int  // k; 0 finds it
	Hyperplanes bool // all have dimension d−1: then there is one polynomial
	// singular values below this share of the greatest count as 0, about the noise of a sample over its norm; 0 is 1e-6
	Noise    float64
	Delta    float64 // δ; 0 is Noise
	Spectral bool    // group by the normals at all samples
	Seed     uint64  // of the k-means of Spectral
}

// Arrangement is the subspaces that GPCA found.
type Arrangement struct {
	Labels      []int        // the subspace of each sample; subspaces are numbered in the order of their first sample
	Normals     []*mat.Dense // B_j, d×(d − dimension), orthonormal columns
	Polynomials int          // that vanish on all samples; 0 if Groups was 0 for subspaces of any dimension
}

// Fit finds the subspaces of the rows of x, n×d.
//
// Cost: with N = C(k+d−1, k) monomials, O(n·N²), and n·k·N·d for the gradients; Spectral, n²·d·c² more for normals of
// c columns, and the cost of Spectral. Errors: [ErrInput] for invalid samples or settings; for too few samples for
// the polynomials; if no polynomial vanishes up to Noise; and for more Groups than there are subspaces.
func (g GPCA) Fit(x *mat.Dense) (*Arrangement, error) {
	if err := g.fill(x); err != nil {
		return nil, errors.WithMessage(err, "GPCA")
	}
	unit := unitRows(x)
	if g.Groups == 0 && !g.Hyperplanes {
		out, err := g.recursive(x, unit)
		return out, errors.WithMessage(err, "GPCA")
	}
	if g.Groups == 0 {
		var err error
		if g.Groups, err = g.degree(x); err != nil {
			return nil, errors.WithMessage(err, "GPCA")
		}
	}
	f, err := g.vanishing(x)
	if err != nil {
		return nil, errors.WithMessage(err, "GPCA")
	}
	if g.Spectral {
		out, err := g.bySpectrum(x, unit, f)
		return out, errors.WithMessage(err, "GPCA")
	}
	out, err := g.byDistance(unit, f)
	return out, errors.WithMessage(err, "GPCA")
}

// degree returns the least degree of a polynomial that vanishes on the rows of x.
func (g GPCA) degree(x *mat.Dense) (int, error) {
	n, d := x.Dims()
	least := 1.0
	for k := 1; ; k++ {
		m := monomialsOf(k, d)
		if m.count() > n {
			return 0, errors.Wrapf(ErrInput, "%d samples for the %d monomials of degree %d, want as many, and of "+
				"lower degrees no polynomial vanishes: the least singular value is %v of the greatest, Noise is %v", n,
				m.count(), k, least, g.Noise)
		}
		sigma, err := singularValues(embed(x, m))
		if err != nil {
			return 0, err
		}
		if sigma[0] == 0 {
			return 0, errors.Wrap(ErrInput, "all samples are 0")
		}
		if least = sigma[len(sigma)-1] / sigma[0]; least <= g.Noise {
			return k, nil
		}
	}
}

// byDistance finds the subspaces one after the other.
func (g GPCA) byDistance(unit *mat.Dense, f *polynomials) (*Arrangement, error) {
	n, _ := unit.Dims()
	out := &Arrangement{Polynomials: f.count()}
	far := make([]float64, n) // Π‖B_jᵀx‖ over the subspaces found
	for i := range far {
		far[i] = 1
	}
	near := f.distances(unit, g.Noise)
	for j := range g.Groups {
		best, at := math.Inf(1), -1
		for i, d := range near {
			if score := (d + g.Delta) / (far[i] + g.Delta); score < best && floats.Norm(unit.RawRowView(i), 2) > 0 {
				best, at = score, i
			}
		}
		if at < 0 {
			return nil, errors.Wrapf(ErrInput, "no sample is left for subspace %d of %d", j, g.Groups)
		}
		b, err := f.normals(unit.RawRowView(at), g.Noise)
		if err != nil {
			return nil, errors.WithMessagef(err, "subspace %d of %d", j, g.Groups)
		}
		out.Normals = append(out.Normals, b)
		for i := range far {
			far[i] *= distanceTo(b, unit.RawRowView(i))
		}
	}
	out.assign(unit)
	return out, nil
}

func (g *GPCA) fill(x *mat.Dense) error {
	if err := check(x); err != nil {
		return err
	}
	if g.Noise == 0 {
		g.Noise = 1e-6
	}
	if g.Delta == 0 {
		g.Delta = g.Noise
	}
	n, d := x.Dims()
	most := 1.0
	for i := 0; i < min(g.Groups, 1<<16) && d >= 2; i++ { // with more groups the result is the same: too many
		most *= float64(d+i) / float64(i+1)
	}
	switch {
	case g.Groups < 0 || d < 2 || !(g.Noise > 0 && g.Noise < 1) || !(g.Delta > 0) || math.IsInf(g.Delta, 1):
		return errors.Wrapf(ErrInput, "%d subspaces of %d features, noise %v, δ %v; want at least 0 subspaces of "+
			"at least 2 features, noise in (0, 1), and δ above 0", g.Groups, d, g.Noise, g.Delta)
	case g.Groups > 0 && most-1 > float64(n):
		return errors.Wrapf(ErrInput, "%d samples for %.0f monomials of degree %d in %d features, want at least "+
			"one fewer: project to fewer features", n, most, g.Groups, d)
	}
	return nil
}

// assign gives each sample to the subspace that is nearest.
func (a *Arrangement) assign(x *mat.Dense) {
	labels := nearestSubspaces(a.Normals, x)
	a.Labels = inOrder(labels)
	ordered := make([]*mat.Dense, len(a.Normals))
	next := 0
	for _, y := range a.Labels {
		next = max(next, y+1)
	}
	seen := make([]bool, len(a.Normals))
	for i, y := range labels {
		ordered[a.Labels[i]], seen[y] = a.Normals[y], true
	}
	for j, b := range a.Normals { // those without a sample come last
		if !seen[j] {
			ordered[next] = b
			next++
		}
	}
	a.Normals = ordered
}

// distanceTo returns ‖Bᵀx‖.
func distanceTo(b *mat.Dense, x []float64) float64 {
	var along mat.VecDense
	along.MulVec(b.T(), mat.NewVecDense(len(x), x))
	return mat.Norm(&along, 2)
}
