package redunet

import (
	"encoding/binary"
	stderrors "errors"
	"math"

	"github.com/pkg/errors"

	"github.com/whitebox-nn/whitebox/internal/cuda"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/op"
	"github.com/whitebox-nn/whitebox/op/launch"
)

// deviceSums is the statistic of features on a device, of vectors n×d or spectra
// f×n×2c: Gram matrices of each class, by cuBLAS, and at each frequency; symmetric or
// Hermitian matrices of them and their factors, by cuSOLVER in a batch; inverses, by
// cuBLAS. Batches of features go there and parameters come back.
type deviceSums[T float32 | float64] struct {
	dev *cuda.Device
	on  *cuda.Stream
	cfg Config
	deviceSizes
	memory  *cuda.Mem
	at      pieces
	kernels map[string]*cuda.Launch

	back   []byte // logdets, and after them what cuSOLVER says of each factor
	lastW  []T    // weights
	order  []byte
	starts []int
}

// pieces are addresses in the device's memory.
type pieces struct {
	gram, rows, z, order, m, inv, mAt, invAt, info, logdets, scaleM, scaleW, w launch.Ptr
}

func newDeviceSums[T float32 | float64](cfg Config, sizes deviceSizes) (*deviceSums[T], error) {
	s := &deviceSums[T]{dev: cfg.Device.Driver, cfg: cfg, deviceSizes: sizes, order: make([]byte, 4*sizes.batch),
		starts: make([]int, len(sizes.counts)+1)}
	if err := s.check(); err != nil {
		return nil, err
	}
	s.back, s.lastW = make([]byte, 12*s.matrices()), make([]T, s.matrices()*s.side*s.side*s.planes)
	if err := s.dev.Do(s.open); err != nil {
		return nil, errors.WithMessage(stderrors.Join(err, s.close()), "construction on a device")
	}
	return s, nil
}

// open allocates the memory, and stores there what stays.
func (s *deviceSums[T]) open() (err error) {
	if s.on, err = s.dev.Compute(); err != nil {
		return err
	}
	var zero [1]T
	elem, size := len(op.Bytes(zero[:])), s.side*s.side*s.planes
	count, total := s.matrices(), 0
	room := []struct {
		to    *launch.Ptr
		bytes int
	}{
		{&s.at.gram, 8 * len(s.counts) * s.f * s.d * s.d}, {&s.at.rows, 8 * s.f * s.batch * s.d},
		{&s.at.z, elem * s.f * s.batch * s.d},
		{&s.at.order, 4 * s.batch}, {&s.at.m, 8 * count * size}, {&s.at.inv, 8 * count * size}, {&s.at.mAt, 8 * count},
		{&s.at.invAt, 8 * count},
		{&s.at.logdets, 12 * count}, {&s.at.scaleM, 16 * count}, {&s.at.scaleW, 16 * count},
		{&s.at.w, elem * count * size},
	}
	for _, r := range room {
		total += (r.bytes + launch.Align - 1) / launch.Align * launch.Align
	}
	if s.memory, err = s.dev.Alloc(total, "the matrices of a construction"); err != nil {
		return err
	}
	next := s.memory.Ptr
	for _, r := range room {
		*r.to = next
		next += launch.Ptr((r.bytes + launch.Align - 1) / launch.Align * launch.Align)
	}
	s.at.info = s.at.logdets + launch.Ptr(8*count)
	m, w := s.scales()
	if err := s.on.Upload(s.at.scaleM, op.Bytes(m)); err != nil {
		return err
	}
	if err := s.on.Upload(s.at.scaleW, op.Bytes(w)); err != nil {
		return err
	}
	return s.load(elem)
}

// load prepares the kernels.
func (s *deviceSums[T]) load(elem int) error {
	module, err := s.dev.Module("redunet build", buildPTX)
	if err != nil {
		return err
	}
	suffix := map[int]string{4: "_f32", 8: "_f64"}[elem]
	count, k, size := s.matrices(), len(s.counts), s.side*s.side*s.planes
	p, i := launch.P, launch.I
	matrices := []launch.Arg{i(k), i(s.d), p(s.at.m), p(s.at.gram), p(s.at.scaleM)}
	name := "build_symmetric"
	if s.planes == 2 {
		name, matrices = "build_hermitian", []launch.Arg{i(k), i(s.f), i(s.side), p(s.at.m), p(s.at.gram),
			p(s.at.scaleM)}
	}
	x := s.at.inv
	if s.firstOrder {
		x = s.at.m
	}
	s.kernels = make(map[string]*cuda.Launch)
	for _, l := range []struct {
		key, name string
		shape     launch.Shape
		args      []launch.Arg
	}{
		{"gather", "build_gather" + suffix, launch.Elements(s.f * s.batch * s.d), []launch.Arg{i(s.f), i(0), i(s.batch),
			i(s.d), p(s.at.rows), p(s.at.z), p(s.at.order)}},
		{"matrices", name, launch.Elements(count * size), matrices},
		{"identities", "build_identities", launch.Elements(count * size), []launch.Arg{i(count), i(s.side), i(s.planes),
			p(s.at.m), p(s.at.inv), p(s.at.mAt), p(s.at.invAt)}},
		{"logdets", "build_logdets", launch.Rows(count), []launch.Arg{i(count), i(s.side), i(s.planes), p(s.at.logdets),
			p(s.at.m)}},
		{"weights", "build_weights" + suffix, launch.Elements(count * size), []launch.Arg{i(count), i(s.side),
			i(s.planes), p(s.at.w), p(x), p(s.at.scaleW)}},
	} {
		if s.kernels[l.key], err = module.Launch(l.name, l.shape, l.args...); err != nil {
			return err
		}
	}
	return nil
}

func (s *deviceSums[T]) reset() error {
	return s.dev.Do(func() error { return s.on.Fill(s.at.gram, 0, 8*len(s.counts)*s.f*s.d*s.d) })
}

func (s *deviceSums[T]) add(z []T, _ int, labels []int) error {
	byClass(s.starts, labels, func(place, i int) { binary.NativeEndian.PutUint32(s.order[4*place:], uint32(i)) })
	return s.dev.Do(func() error { return s.enqueue(z) })
}

// enqueue adds the Gram matrices of a batch, class after class.
func (s *deviceSums[T]) enqueue(z []T) error {
	if err := s.on.Upload(s.at.z, op.Bytes(z)); err != nil {
		return err
	}
	if err := s.on.Upload(s.at.order, s.order); err != nil {
		return err
	}
	blas, err := s.dev.BLAS()
	if err != nil {
		return err
	}
	gather, d := s.kernels["gather"], s.d
	for j := range s.counts {
		n := s.starts[j+1] - s.starts[j]
		if n == 0 {
			continue
		}
		gather.Set(1, launch.I(n))
		gather.Set(6, launch.P(s.at.order+launch.Ptr(4*s.starts[j])))
		if err := gather.Do(s.on); err != nil {
			return err
		}
		g := s.at.gram + launch.Ptr(8*j*s.f*d*d)
		if s.f == 1 && s.planes == 1 {
			err = blas.Syrk(s.on, &launch.Syrk{Size: d, Depth: n, Alpha: 1, Z: s.at.rows, LDZ: d, Beta: 1, G: g,
				LDG: d})
		} else {
			err = blas.Gemm(s.on, &launch.Gemm{Double: true, TransA: true, M: d, N: d, K: n, Alpha: 1, A: s.at.rows,
				LDA: d, B: s.at.rows, LDB: d,
				Beta: 1, C: g, LDC: d, Batch: s.f, StrideA: n * d, StrideB: n * d, StrideC: d * d})
		}
		if err != nil {
			return err
		}
	}
	return s.on.Synchronize() // z and the order may change now
}

func (s *deviceSums[T]) rates() (Rates, error) {
	if err := s.dev.Do(s.factorize); err != nil {
		return Rates{}, err
	}
	r, k := Rates{}, len(s.counts)
	logdets := op.Slice[float64](s.back[:8*s.matrices()])
	for j, a := range s.alphas {
		n, sum := s.n, 0.0
		if j < k {
			n = s.counts[j]
		}
		for p, w := range s.weight {
			at := j*s.f + p
			info, v := int32(binary.NativeEndian.Uint32(s.back[8*s.matrices()+4*at:])), logdets[at]
			if info != 0 || v-v != 0 {
				return r, errors.Wrapf(nn.ErrNotFinite,
					"features of %d samples at frequency %d: the matrix is not positive definite", n, p)
			}
			if s.planes == 1 {
				v += float64(s.d) * math.Log(a)
			}
			sum += w / (2 * s.total) * v
		}
		if j < k {
			r.Rc += float64(n) / float64(s.n) * sum
		} else {
			r.R = sum
		}
	}
	r.DeltaR = r.R - r.Rc
	return r, nil
}

// factorize stores the factors, and fetches their determinants.
func (s *deviceSums[T]) factorize() error {
	solver, err := s.dev.Solver()
	if err != nil {
		return err
	}
	for _, name := range []string{"matrices", "identities"} {
		if err := s.kernels[name].Do(s.on); err != nil {
			return err
		}
	}
	batch := cuda.CholeskyBatch{Complex: s.planes == 2, N: s.side, At: s.at.mAt, Info: s.at.info, Batch: s.matrices()}
	if err := solver.CholeskyBatch(s.on, &batch); err != nil {
		return err
	}
	if err := s.kernels["logdets"].Do(s.on); err != nil {
		return err
	}
	if err := s.on.Download(s.back, s.at.logdets); err != nil {
		return err
	}
	return s.on.Synchronize()
}

func (s *deviceSums[T]) weights(params [][]T) error {
	e, c, gamma := params[0], params[1], params[len(params)-1]
	for j, n := range s.counts {
		gamma[j] = T(float64(n) / float64(s.n))
	}
	if err := s.dev.Do(s.invert); err != nil {
		return err
	}
	copy(c, s.lastW)
	copy(e, s.lastW[len(c):])
	return nil
}

// invert fetches the weights that the factors give.
func (s *deviceSums[T]) invert() error {
	blas, err := s.dev.BLAS()
	if err != nil {
		return err
	}
	if s.firstOrder {
		err = s.kernels["matrices"].Do(s.on)
	} else {
		err = blas.Invert(s.on, &cuda.Inverse{Complex: s.planes == 2, N: s.side, L: s.at.m, Out: s.at.inv,
			LAt: s.at.mAt, OutAt: s.at.invAt, Batch: s.matrices()})
	}
	if err != nil {
		return err
	}
	if err := s.kernels["weights"].Do(s.on); err != nil {
		return err
	}
	if err := s.on.Download(op.Bytes(s.lastW), s.at.w); err != nil {
		return err
	}
	return s.on.Synchronize()
}

func (s *deviceSums[T]) close() error { return s.dev.Do(s.memory.Free) }
