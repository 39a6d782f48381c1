package op

// A Sequence collects runs, until the first error.
type Sequence struct {
	runs []Run
	err  error
}

// Add adds a run, or keeps the first error. A nil run without an error is itself an error.
func (s *Sequence) Add(r Run, err error) {
	if s == nil {
		return
	}
	if r == nil && err == nil {
		err = Errorf("op: a sequence of %d runs and a nil one", len(s.runs))
	}
	if s.err == nil {
		s.err = err
	}
	s.runs = append(s.runs, r)
}

// Run returns the run of all in their order.
func (s *Sequence) Run() (Run, error) {
	if s == nil {
		s = &Sequence{}
	}
	runs := s.runs
	return func() error {
		for _, r := range runs {
			if err := r(); err != nil {
				return err
			}
		}
		return nil
	}, s.err
}
