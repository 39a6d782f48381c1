package coding

import (
	"context"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gonum.org/v1/gonum/mat"

	"github.com/whitebox-nn/whitebox/internal/matrix"
)

// Clustering finds groups of samples, each near a subspace of its own, and their number, by the length of a code: it
// looks for a partition for which the samples can be coded group by group in few bits,
//
//	Lˢ(X₁, …, X_k) = Σ_i L(X_i, ε) + n_i·log₂(n/n_i)
//
// where the second term codes which group each sample is in. Neither the number of groups nor their dimensions are
// given. ε is the scale of the noise: the larger it is, the fewer groups are found.
//
// The search is pairwise steepest descent: every sample starts as a group, and
// the two groups are merged whose union saves the most bits, until no union saves
// any. What a union saves does not depend on the other groups, so that only the
// pairs of the merged group are computed anew.
//
// Reference: Ma, Derksen, Hong, Wright. Segmentation of multivariate mixed data
// via lossy data coding and compression. PAMI 29(9), 2007, algorithm 1.
// Block is ours.
type Clustering struct {
	Eps2   float64 // ε², the squared distortion of a sample
	Affine bool    // groups near affine subspaces: LengthAffine for Length
	Groups int     // k, where merging ends; 0: where no union saves bits

	// Start, if not nil, is the group of each sample to begin with, any integers:
	// an over-segmentation, for more samples than can begin alone.
	Start []int

	// Block, if above 0, first merges within random blocks of that many samples, as long as that saves bits, and then
	// merges the groups of all blocks. Each merge still reduces Lˢ, but merges happen in another order. This makes
	// the time linear in n as long as there are few groups. A block should hold several times d of each group: with
	// fewer, it merges samples of different groups.
	Block int
	Seed  uint64 // of the blocks
}

// Clusters is what Clustering found.
type Clusters struct {
	Labels  []int   // the group of each sample; groups are in the order of their first sample
	Groups  int     // k
	Bits    float64 // Lˢ of the groups
	History []Merge // the state at the start, then after each merge of groups of all blocks

	samples *mat.Dense // a copy of what was grouped, for Predict
	eps2    float64
	affine  bool
}

// A Merge is the state after a merge.
type Merge struct {
	Groups int
	Bits   float64
}

// Fit finds the groups of the n rows of x, in R^d.
//
// Cost: n²/2 pairs to begin with and about n²/2 more, each a Cholesky factorisation of the order min(d, samples of
// the pair), on all cores; n² numbers in memory, for what pairs save and, up to 4,096 samples, their inner products.
// With Start, n is the number of its groups; with Block, n is Block within each block.
//
// Errors: ErrInput for samples, ε or settings that make no sense; ctx's.
func (c Clustering) Fit(ctx context.Context, x *mat.Dense) (*Clusters, error) {
	if ctx == nil {
		return nil, errors.Wrap(ErrInput, "clustering: no context")
	}
	if err := c.check(x); err != nil {
		return nil, errors.WithMessage(err, "lossy clustering")
	}
	m := newMerger(x, c.Eps2, c.Affine)
	defer m.pool.Close()
	start := c.Start
	if start == nil {
		n, _ := x.Dims()
		start = firsts(n)
	}
	groups := groupsOf(start)
	if c.Groups > len(groups) {
		return nil, errors.Wrapf(ErrInput,
			"lossy clustering: Groups is %d, but merging starts with %d: make Start finer, or Groups smaller", c.Groups,
			len(groups))
	}
	if c.Block > 0 {
		var err error
		if groups, err = c.blocks(ctx, m, groups); err != nil {
			return nil, errors.WithMessage(err, "lossy clustering")
		}
	}
	if err := m.begin(ctx, groups); err != nil {
		return nil, errors.WithMessage(err, "lossy clustering")
	}
	out := &Clusters{History: []Merge{{len(groups), m.bits()}}, samples: mat.DenseCopyOf(x), eps2: c.Eps2,
		affine: c.Affine}
	err := m.descend(ctx, c.Groups, func(groups int, bits float64) {
		out.History = append(out.History, Merge{groups, bits})
	})
	if err != nil {
		return nil, errors.WithMessage(err, "lossy clustering")
	}
	out.Labels, out.Groups, out.Bits = m.labels(), len(m.alive), m.bits()
	return out, nil
}

// blocks merges within blocks of groups and returns what is left of all.
func (c Clustering) blocks(ctx context.Context, m *merger, groups [][]int) ([][]int, error) {
	rng := rand.New(rand.NewPCG(c.Seed, 0))
	order := rng.Perm(len(groups))
	var left [][]int
	for lo := 0; lo < len(order); lo += c.Block {
		var block [][]int
		for _, i := range order[lo:min(lo+c.Block, len(order))] {
			block = append(block, groups[i])
		}
		if err := m.begin(ctx, block); err != nil {
			return nil, err
		}
		if err := m.descend(ctx, 0, nil); err != nil {
			return nil, err
		}
		left = append(left, m.rows()...)
	}
	if len(left) < c.Groups {
		return nil, errors.Wrapf(ErrInput,
			"blocks of %d leave %d groups, fewer than Groups %d: make Block smaller or 0", c.Block, len(left), c.Groups)
	}
	return left, nil
}

func (c Clustering) check(x *mat.Dense) error {
	if err := check(x, c.Eps2); err != nil {
		return err
	}
	n, _ := x.Dims()
	if c.Groups < 0 || c.Groups > n || c.Block < 0 {
		return errors.Wrapf(ErrInput,
			"%d groups of %d samples, blocks of %d: want at least 0 of both, and no more groups than samples", c.Groups,
			n, c.Block)
	}
	if c.Start != nil && len(c.Start) != n {
		return errors.Wrapf(ErrInput, "Start has %d labels for %d samples, want one for each", len(c.Start), n)
	}
	return nil
}

// ClusteredLength returns Lˢ of the groups that labels, any integers, make of the rows of x: the number of bits that
// [Clustering] tries to make small.
func ClusteredLength(x *mat.Dense, labels []int, eps2 float64, affine bool) (float64, error) {
	c := Clustering{Eps2: eps2, Affine: affine, Start: labels}
	err := c.check(x)
	if n, _ := dims(x); err == nil && len(labels) != n {
		err = errors.Wrapf(ErrInput, "%d labels for %d samples, want one for each", len(labels), n)
	}
	if err != nil {
		return 0, errors.WithMessage(err, "clustered length")
	}
	s := newSamples(x, eps2, affine)
	w, bits := s.newScratch(), 0.0
	for _, rows := range groupsOf(labels) {
		bits += s.group(&w, rows).cost
	}
	if !matrix.Finite(bits) {
		return 0, errors.WithMessage(s.tooLarge(), "clustered length")
	}
	return bits, nil
}

func dims(x *mat.Dense) (n, d int) {
	if x == nil {
		return 0, 0
	}
	return x.Dims()
}

// firsts returns 0, …, n−1.
func firsts(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// groupsOf returns the samples of each group, groups in the order of their first.
func groupsOf(labels []int) [][]int {
	at := map[int]int{}
	var groups [][]int
	for i, y := range labels {
		j, known := at[y]
		if !known {
			j = len(groups)
			at[y], groups = j, append(groups, nil)
		}
		groups[j] = append(groups[j], i)
	}
	return groups
}
