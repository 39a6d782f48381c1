package data

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/pkg/errors"
	"gorgonia.org/tensor"
)

// A Source makes batches, epoch after epoch. The batches are a function of its settings and its position. Methods may
// not be called concurrently.
type Source interface {
	// Next writes the next batch to x, batch×SampleShape, and y,
	// batch×TargetShape, of one dtype. At the end of an epoch it writes nothing,
	// goes to the start of the next epoch and returns io.EOF itself.
	Next(x, y *tensor.Dense) error
	BatchSize() int
	Batches() int       // an epoch
	SampleShape() []int // of one sample
	TargetShape() []int // of one target; empty for a class
	Position() Position
	Seek(Position) error
}

// A Position is a place between two batches.
type Position struct {
	Epoch int64 // from 0
	Batch int64 // batches of the epoch that are done
}

// BatchConfig configures NewBatches and NewBalanced.
type BatchConfig struct {
	Size    int    // samples a batch, at least 1
	Shuffle bool   // another order in each epoch; NewBalanced always shuffles
	Seed    uint64 // of the orders

	Last LastBatch // what to do with the last samples of an epoch if they are fewer than a batch
}

// LastBatch says what to do with the last samples of an epoch if they are fewer than a batch.
type LastBatch int

// The choices.
const (
	DropLast  LastBatch = iota // they are left out of this epoch
	FillLast                   // they are completed with the first samples of the epoch, which come twice
	ShortLast                  // they are a smaller batch (Ragged)
)

// String returns "drop", "fill" or "short".
func (l LastBatch) String() string {
	switch l {
	case DropLast:
		return "drop"
	case FillLast:
		return "fill"
	case ShortLast:
		return "short"
	}
	return fmt.Sprintf("LastBatch(%d)", int(l))
}

// Batches is a [Source] that delivers each sample of a [Set] once an epoch.
type Batches struct {
	set     *Set
	cfg     BatchConfig
	batches int
	pos     Position
	order   shuffled
}

var _ Source = (*Batches)(nil)

// NewBatches returns the source of batches of set. Errors: ErrInput if an epoch
// would have no batch.
func NewBatches(set *Set, cfg BatchConfig) (*Batches, error) {
	n, err := batches(set, cfg)
	if err != nil {
		return nil, errors.WithMessage(err, "data: batches")
	}
	return &Batches{set: set, cfg: cfg, batches: n, order: newShuffled(set.Len(), cfg.Seed, 0)}, nil
}

// batches returns the number of batches an epoch.
func batches(set *Set, cfg BatchConfig) (int, error) {
	if set.safe().Len() == 0 || cfg.Size < 1 {
		return 0, errors.Wrapf(ErrInput, "batches of %d samples of a set of %d, want at least 1 of a set", cfg.Size,
			set.safe().Len())
	}
	if cfg.Last < DropLast || cfg.Last > ShortLast {
		return 0, errors.Wrapf(ErrInput, "Last is %v, want DropLast, FillLast or ShortLast", cfg.Last)
	}
	n := set.Len() / cfg.Size
	if cfg.Last != DropLast && set.Len()%cfg.Size != 0 {
		n++
	}
	if n == 0 {
		return 0, errors.Wrapf(ErrInput, "batches of %d of %d samples, want them to fit, or Last: FillLast or "+
			"ShortLast", cfg.Size, set.Len())
	}
	return n, nil
}

// Next implements Source.
func (b *Batches) Next(x, y *tensor.Dense) error {
	b = zero(b)
	if done, err := begin(b, &b.pos, x, y); done {
		return err
	}
	var order []int
	if b.cfg.Shuffle {
		order = b.order.epoch(b.pos.Epoch)
	}
	n := b.set.Len()
	for i := range x.Shape()[0] {
		from := (int(b.pos.Batch)*b.cfg.Size + i) % n
		if order != nil {
			from = order[from]
		}
		if err := b.set.gather(x, y, i, from); err != nil {
			return err
		}
	}
	b.pos.Batch++
	return nil
}

// begin does what Next does before it fills a batch. If it returns done, Next has nothing to fill.
func begin(s Source, pos *Position, x, y *tensor.Dense) (done bool, err error) {
	if s.Batches() == 0 {
		return true, errNone()
	}
	if int(pos.Batch) == s.Batches() {
		*pos = Position{Epoch: pos.Epoch + 1}
		return true, io.EOF
	}
	if err := checkBatch("x", x, s.SampleShape()); err != nil {
		return true, errors.WithMessage(err, "data: next")
	}
	if err := checkBatch("y", y, s.TargetShape()); err != nil {
		return true, errors.WithMessage(err, "data: next")
	}
	nx, ny, want := x.Shape()[0], y.Shape()[0], BatchSizeAt(s, *pos)
	if nx != want || ny != nx || x.Dtype() != y.Dtype() {
		return true, errors.Wrapf(ErrInput, "data: next: %d samples of %v and %d targets of %v, want %d of one dtype",
			nx, x.Dtype(), ny, y.Dtype(), want)
	}
	return false, nil
}

// BatchSize implements Source.
func (b *Batches) BatchSize() int { return zero(b).cfg.Size }

// Batches implements Source.
func (b *Batches) Batches() int { return zero(b).batches }

// SampleShape implements Source.
func (b *Batches) SampleShape() []int { return zero(b).set.safe().shape }

// TargetShape implements Source.
func (b *Batches) TargetShape() []int { return zero(b).set.safe().batchTarget() }

// Position implements Source.
func (b *Batches) Position() Position { return zero(b).pos }

// Seek implements Source.
func (b *Batches) Seek(p Position) error { return seek(&zero(b).pos, p, zero(b).batches) }

func seek(pos *Position, to Position, batches int) error {
	if to.Epoch < 0 || to.Batch < 0 || to.Batch > int64(batches) {
		return errors.Wrapf(ErrInput,
			"data: seek: epoch %d, batch %d, want an epoch of at least 0 and a batch in 0, …, %d", to.Epoch, to.Batch,
			batches)
	}
	*pos = to
	return nil
}

// shuffled is one permutation an epoch, a function of seed, stream and epoch.
type shuffled struct {
	seed, stream uint64
	order        []int
	known        int64 // the epoch of order; −1 is none
	pcg          *rand.PCG
	rng          *rand.Rand
}

func newShuffled(n int, seed, stream uint64) shuffled {
	pcg := rand.NewPCG(0, 0)
	return shuffled{seed: seed, stream: streamShuffle + stream<<16, order: make([]int, n), known: -1, pcg: pcg,
		rng: rand.New(pcg)}
}

// epoch returns the permutation of an epoch. It allocates nothing.
func (s *shuffled) epoch(e int64) []int {
	if e == s.known {
		return s.order
	}
	s.pcg.Seed(s.seed^uint64(e)*0x9e3779b97f4a7c15, s.stream)
	for i := range s.order { // Durstenfeld's shuffle, inside out
		j := s.rng.IntN(i + 1)
		s.order[i] = s.order[j]
		s.order[j] = i
	}
	s.known = e
	return s.order
}
