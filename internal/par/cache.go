package par

import "sync"

// A Cache keeps values for reuse, so that the steady state allocates nothing: as many as were ever in use at the same
// time. (A sync.Pool is emptied by the garbage collector.) The zero value is empty. A value from it holds arbitrary
// contents, which must not be read.
type Cache[V any] struct {
	mu   sync.Mutex
	free []*V
}

// Take returns a value that is not in use.
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

// Put returns a value to the cache.
func (s *Cache[V]) Put(v *V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, v)
}

// CacheOf returns the one of two caches whose values are of type V: that for float32 or that for float64.
func CacheOf[V any](a, b any) *Cache[V] {
	if s, ok := a.(*Cache[V]); ok {
		return s
	}
	return b.(*Cache[V])
}
