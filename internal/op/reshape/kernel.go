package reshape

import "github.com/whitebox-nn/whitebox/op"

func bind[T op.Float](_ Reshape, a *op.Args[T]) op.Run {
	return func() error {
		copy(a.Out, a.In[0]) // no work where they are one slice
		return nil
	}
}
