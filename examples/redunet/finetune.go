package main

// A finetuning is back-propagation from some initial values.
type finetuning struct {
	From  string     `json:"from"`
	Steps int        `json:"steps"`
	Train accuracies `json:"train_accuracy"`
	Test  accuracies `json:"test_accuracy"`
}
