package sparse

// watch shows iterate k.
func (s *proximalGradient) watch(k int) {
	if s.Callback != nil {
		s.gather()
		s.Callback(k, s.out)
	}
}

// gather takes the codes of the active samples; those of the others are taken.
func (s *proximalGradient) gather() {
	for i := range s.active {
		s.show(i)
	}
}

// show takes the code of row i, with 0 for the −0 that the vector kernel leaves.
func (s *proximalGradient) show(i int) {
	out := s.out.RawRowView(s.samples[i].index)
	for j, v := range s.z[i*s.n : (i+1)*s.n] {
		out[j] = v + 0
	}
}

// solution returns what was found.
func (s *proximalGradient) solution() (*Solution, error) {
	b := len(s.samples)
	s.gather()
	s.active = b
	for i := range s.samples {
		copy(s.z[i*s.n:(i+1)*s.n], s.out.RawRowView(s.samples[i].index))
	}
	apply(s.pool, s.p.A, s.az, s.z, b)
	out := &Solution{
		Z: s.out, Lambda: make([]float64, b), Objective: make([]float64, b),
		Iterations: make([]int, b), Converged: make([]bool, b),
	}
	if g, ok := s.p.Penalty.(Gauge); ok {
		s.gaps(g)
		out.Gap = make([]float64, b)
	}
	for i := range s.samples {
		o := &s.samples[i]
		out.Lambda[o.index], out.Objective[o.index] = o.lambda, s.objective(i, s.az, s.z)
		out.Iterations[o.index], out.Converged[o.index] = o.iterations, o.done
		if out.Gap != nil {
			out.Gap[o.index] = o.gap
		}
	}
	return out, nil
}
