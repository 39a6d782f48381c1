package par

import "sync"

// A Cache keeps what has been used once, so that the steady state allocates
// nothing: as many as were ever in use at the same time. (A sync.Pool is emptied
// by the garbage collector.) The zero value is empty. What it keeps is a cache:
// who takes a value may not look at what it holds.
type Cache[V any] struct {
	mu   sync.Mutex
	free []*V
}

// Take returns a value that nobody else has.
func (s *Cache[V]) Take() *V {
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

// Put gives it back.
func (s *Cache[V]) Put(v *V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, v)
}

// CacheOf returns the one of two shelves that holds V: that of a type for float32
// or for float64.
func CacheOf[V any](a, b any) *Cache[V] {
	if s, ok := a.(*Cache[V]); ok {
		return s
	}
	return b.(*Cache[V])
}
