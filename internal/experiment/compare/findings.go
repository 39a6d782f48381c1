package compare

import (
	"fmt"

	"github.com/whitebox-nn/whitebox/report"
)

// findings says in words what the numbers of MCR² and cross-entropy show. What
// the theory expects and did not happen is said too.
func findings(results []*result) []string {
	mcr2, ce := results[0], results[1]
	said := stopped(results)
	return append(said, []string{
		fmt.Sprintf("The same encoder, from the same initial values and on the same batches, classifies %s of the "+
			"test samples right when it is trained under MCR² and %s under cross-entropy.",
			report.Percent(mcr2.TestAccuracy), report.Percent(ce.TestAccuracy)),
		collapse(mcr2, ce),
		orthogonality(mcr2, ce),
	}...)
}

// stopped says which trainings -for has stopped.
func stopped(results []*result) (said []string) {
	for _, r := range results {
		if r.Steps < r.planned {
			said = append(said,
				fmt.Sprintf("The training under %s was stopped after %d of %d steps, by -for; -resume goes on with it.",
					r.task.title, r.Steps, r.planned))
		}
	}
	return said
}

// collapse compares the ranks of the classes.
func collapse(mcr2, ce *result) string {
	ours, theirs := mcr2.meanRank(), ce.meanRank()
	ranks := fmt.Sprintf("95 %% of the energy of a class lies in %.1f dimensions under cross-entropy (NC1 = %.2g) "+
		"and in %.1f under MCR² (NC1 = %.2g), on average", theirs, ce.NC1, ours, mcr2.NC1)
	if ours < 2*theirs {
		return "The ranks of the classes do not set the objectives apart, as they should: " + ranks +
			". Were these enough epochs?"
	}
	return fmt.Sprintf("Cross-entropy collapses each class, MCR² keeps it diverse: %s: %.0f times as many.", ranks,
		ours/theirs)
}

// orthogonality compares the angles between classes.
func orthogonality(mcr2, ce *result) string {
	const near = 0.05 // a mean |cos| of 87 degrees
	what := "Under MCR² the subspaces of the classes are close to orthogonal"
	if mcr2.MeanAbsCosineBetween > near {
		what = "Under MCR² the subspaces of the classes are not yet orthogonal"
	}
	k := len(ce.ClassRank95)
	return fmt.Sprintf("%s: the mean |cos| between samples of two classes is %.3f. Under cross-entropy it is %.3f, "+
		"where points at the corners of a simplex, which classes collapse to, have 1/(k−1) = %.3f.",
		what, mcr2.MeanAbsCosineBetween, ce.MeanAbsCosineBetween, 1/float64(max(k-1, 1)))
}

// meanRank returns the mean of the ranks of the classes.
func (r *result) meanRank() float64 {
	sum := 0
	for _, rank := range r.ClassRank95 {
		sum += rank
	}
	return float64(sum) / float64(max(len(r.ClassRank95), 1))
}
