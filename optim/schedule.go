package optim

import "math"

// A Schedule is a learning rate as a function of the step, which counts from 1.
//
// PyTorch's schedulers count from 0: where its loop calls optimizer.step() and
// then scheduler.step() each time, step t here is last_epoch = t−1 there. Where
// its loop calls scheduler.step() once an epoch, wrap the schedule in PerEpoch.
//
// With invalid arguments the rate is NaN, which an optimizer reports.
type Schedule func(step int) float64

// Constant is the schedule that is always lr.
func Constant(lr float64) Schedule { return func(int) float64 { return lr } }

// Step multiplies the rate by gamma every n steps, n ≥ 1:
//
//	lr(t) = lr · γ^⌊(t−1)/n⌋
//
// It is torch's StepLR.
func Step(lr float64, n int, gamma float64) Schedule {
	return func(t int) float64 {
		if n < 1 {
			return math.NaN()
		}
		return lr * math.Pow(gamma, float64((t-1)/n))
	}
}

// MultiStep multiplies the rate by gamma after each of the milestones, which
// count steps taken:
//
//	lr(t) = lr · γ^#{milestones ≤ t−1}
//
// It is torch's MultiStepLR.
func MultiStep(lr float64, milestones []int, gamma float64) Schedule {
	at := append([]int(nil), milestones...)
	return func(t int) float64 {
		passed := 0
		for _, m := range at {
			if m <= t-1 {
				passed++
			}
		}
		return lr * math.Pow(gamma, float64(passed))
	}
}

// CosineAnnealing goes from lr at the first step to lo after n steps, n ≥ 1, along half a
// period of the cosine, and then up again, as torch's CosineAnnealingLR does:
//
//	lr(t) = lo + ½(lr − lo)(1 + cos(π(t−1)/n))
//
// Reference: Loshchilov, Hutter. SGDR: stochastic gradient descent with warm
// restarts. ICLR 2017, eq. 5, without restarts.
func CosineAnnealing(lr float64, n int, lo float64) Schedule {
	return func(t int) float64 {
		if n < 1 {
			return math.NaN()
		}
		return lo + 0.5*(lr-lo)*(1+math.Cos(math.Pi*float64(t-1)/float64(n)))
	}
}

// Polynomial goes from lr at the first step to 0 after n steps, n ≥ 1, and stays
// there:
//
//	lr(t) = lr · (1 − min(t−1, n)/n)^power
//
// It is torch's PolynomialLR; power 1 is a straight line.
func Polynomial(lr float64, n int, power float64) Schedule {
	return func(t int) float64 {
		if n < 1 {
			return math.NaN()
		}
		return lr * math.Pow(1-float64(min(t-1, n))/float64(n), power)
	}
}

// LinearWarmup climbs for n steps, n ≥ 0, to the first rate of next, and then
// runs next from its start:
//
//	lr(t) = next(1) · t/(n+1)   for t ≤ n
//	lr(t) = next(t−n)           after
//
// It is torch's SequentialLR of LinearLR(start_factor=1/(n+1), total_iters=n)
// and next. No step is wasted on a rate of 0.
func LinearWarmup(n int, next Schedule) Schedule {
	if next == nil {
		return nil
	}
	return func(t int) float64 {
		switch {
		case n < 0:
			return math.NaN()
		case t <= n:
			return next(1) * float64(t) / float64(n+1)
		}
		return next(t - n)
	}
}

// PerEpoch runs a schedule that counts epochs, of the given number of steps
// each, at least 1: all steps of epoch e, counted from 1, have the rate s(e).
func PerEpoch(steps int, s Schedule) Schedule {
	if s == nil {
		return nil
	}
	return func(t int) float64 {
		if steps < 1 {
			return math.NaN()
		}
		return s(1 + (t-1)/steps)
	}
}

// StepsPerEpoch returns the number of batches of samples: with dropLast, of full
// ones. It is 0 if there are none, or batch is below 1.
func StepsPerEpoch(samples, batch int, dropLast bool) int {
	switch {
	case batch < 1 || samples < 1:
		return 0
	case dropLast:
		return samples / batch
	}
	return (samples-1)/batch + 1
}
