package dropout

import "github.com/whitebox-nn/whitebox/op"

// grain is the elements of a chunk: some microseconds of arithmetic.
const grain = 1 << 13

func bind[T op.Float](k Dropout, a *op.Args[T]) op.Run {
	scale := T(1 / (1 - k.Rate))
	bar := uint64(k.Rate * (1 << 53))
	loop := a.Pool.Loop(len(a.Out), grain, func(lo, hi int) {
		seed := mix(k.Stream ^ mix(uint64(a.WideIn[1][0])))
		x, out := a.In[0], a.Out
		for i := lo; i < hi; i++ {
			v := scale * x[i]
			if mix(seed+uint64(i)*golden)>>11 < bar {
				v = 0
			}
			out[i] = v
		}
	})
	return loop.Run
}

// golden is 2⁶⁴ divided by the golden ratio, odd: the step of SplitMix64.
const golden = 0x9e3779b97f4a7c15

// mix is the finaliser of SplitMix64.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
