package par

// Loop is a loop bound to its pool, length and body, to be run many times.
type Loop struct {
	pool     *Pool
	n, grain int
	f        func(lo, hi int)
}

// Loop binds f to the chunks of [0, n) as Run cuts them. All that is allocated
// is allocated here; p may be nil.
func (p *Pool) Loop(n, grain int, f func(lo, hi int)) *Loop {
	return &Loop{p, n, grain, f}
}

// Do runs the loop and returns when it is done, as Run does.
func (l *Loop) Do() { l.pool.Run(l, l.n, l.grain) }

// Run is Do with an error result, which is always nil.
func (l *Loop) Run() error { l.Do(); return nil }

// Range makes a Loop a Task.
func (l *Loop) Range(_, lo, hi int) { l.f(lo, hi) }
