package report_test

import (
	"fmt"
	"strings"

	"github.com/whitebox-nn/whitebox/report"
)

// The records of a run, as the trainer's JSONL writes them, one metric at a time.
func ExampleParseHistory() {
	log := `{"step": 1, "epoch": 0, "split": "train", "loss": 2.5}
{"step": 2, "epoch": 0, "split": "train", "loss": 1.5}
{"step": 2, "epoch": 0, "split": "test", "val_accuracy": 0.75}
`
	h, err := report.ParseHistory(strings.NewReader(log))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, losses := h.Series("train", "loss")
	steps, accuracies := h.Series("test", "val_accuracy")
	fmt.Println(losses, steps, accuracies)
	// Output: [2.5 1.5] [2] [0.75]
}
