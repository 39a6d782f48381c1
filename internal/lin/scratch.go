package lin

import (
	"sync"

	"github.com/whitebox-nn/whitebox/internal/simd"
)

// shelf keeps what has been used once, so that the steady state allocates
// nothing: as many as were ever in use at the same time. (A sync.Pool is emptied
// by the garbage collector.)
type shelf[V any] struct {
	mu   sync.Mutex
	free []*V
}

func (s *shelf[V]) take() *V {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.free)
	if n == 0 {
		return new(V)
	}
	v := s.free[n-1]
	s.free = s.free[:n-1]
	return v
}

func (s *shelf[V]) put(v *V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, v)
}

// The shelves of the package: caches whose content is never seen.
var (
	products32 shelf[product[float32]]
	products64 shelf[product[float64]]
	grams32    shelf[gram[float32]]
	grams64    shelf[gram[float64]]
	systems    shelf[system]
)

// ofType returns the one of two shelves that holds V.
func ofType[V any](a, b any) *shelf[V] {
	if s, ok := a.(*shelf[V]); ok {
		return s
	}
	return b.(*shelf[V])
}

// grow returns a buffer of at least n elements, buf if that is long enough. What
// it holds is not defined.
func grow[T simd.Float](buf []T, n int) []T {
	if cap(buf) >= n {
		return buf[:n]
	}
	return make([]T, n)
}

func ceil(a, b int) int { return (a + b - 1) / b }
