package train

import (
	"github.com/pkg/errors"
	"gorgonia.org/tensor"

	"github.com/whitebox-nn/whitebox/internal/safetensors"
	"github.com/whitebox-nn/whitebox/optim"
)

// A wrapper is a hook around another hook, with the state of that.
type wrapper interface{ wrapped() Hook }

// remembering calls do for each hook that has a state: each [Resumable] or [Stateful] with a key.
func (l *Loop) remembering(do func(key string, h Hook) error) error {
	seen := make(map[string]bool)
	for _, h := range l.Hooks {
		if w, ok := h.(wrapper); ok {
			h = w.wrapped()
		}
		key := keyOf(h)
		if key == "" {
			continue
		}
		if seen[key] {
			return errors.Errorf("two hooks have the key %q: name one", key)
		}
		seen[key] = true
		if err := do(key, h); err != nil {
			return errors.WithMessagef(err, "hook %s", key)
		}
	}
	return nil
}

// keyOf returns the key of a hook's state, "" where it has none.
func keyOf(h Hook) string {
	switch s := h.(type) {
	case Resumable:
		return s.Key()
	case Stateful:
		return s.Key()
	}
	return ""
}

// stateOf returns a hook's tensors, by their names in a checkpoint.
func stateOf(key string, h Hook) (all []optim.State, err error) {
	if r, ok := h.(Resumable); ok {
		if v := r.State(); len(v) > 0 {
			all = append(all, optim.State{Name: hookPrefix + key, Value: tensor.New(tensor.WithShape(len(v)),
				tensor.WithBacking(v))})
		}
	}
	s, ok := h.(Stateful)
	if !ok {
		return all, nil
	}
	tensors, err := s.Tensors()
	for _, t := range tensors {
		if t.Value == nil {
			return nil, errors.Errorf("its tensor %q is nil", t.Name)
		}
		all = append(all, optim.State{Name: hookPrefix + key + "." + t.Name, Value: t.Value})
	}
	return all, err
}

// hookStates returns the states of all hooks.
func (l *Loop) hookStates() (all []optim.State, err error) {
	err = l.remembering(func(key string, h Hook) error {
		state, err := stateOf(key, h)
		all = append(all, state...)
		return err
	})
	return all, err
}

// readHooks returns the tensors of the hooks' states, by name.
func (l *Loop) readHooks(f *safetensors.File) (map[string]*tensor.Dense, error) {
	states := make(map[string]*tensor.Dense)
	return states, l.remembering(func(key string, h Hook) error {
		want, err := stateOf(key, h)
		if err != nil {
			return err
		}
		for _, s := range want {
			if states[s.Name], err = tensorFrom(f, s.Name, s.Value); err != nil {
				return err
			}
		}
		return nil
	})
}

// restoreHooks gives the hooks the states that were read.
func (l *Loop) restoreHooks(states map[string]*tensor.Dense) error {
	return l.remembering(func(key string, h Hook) error {
		if r, ok := h.(Resumable); ok {
			if v := states[hookPrefix+key]; v != nil {
				if err := r.Restore(v.Float64s()); err != nil {
					return errors.Wrap(ErrCheckpoint, err.Error())
				}
			}
		}
		s, ok := h.(Stateful)
		if !ok {
			return nil
		}
		state, err := s.Tensors()
		if err != nil {
			return err
		}
		for i := range state {
			state[i].Value = states[hookPrefix+key+"."+state[i].Name]
		}
		if err := s.RestoreTensors(state); err != nil {
			return errors.Wrap(ErrCheckpoint, err.Error())
		}
		return nil
	})
}
