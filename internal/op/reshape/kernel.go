package reshape

import "github.com/whitebox-nn/whitebox/internal/opkit"

func bind[T opkit.Float](a *opkit.Args[T]) opkit.Run {
	return func() error {
		copy(a.Out, a.In[0]) // no work where they are one slice
		return nil
	}
}
