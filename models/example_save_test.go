package models_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/models"
	"github.com/whitebox-nn/whitebox/train"
)

// A model goes to a file with what a prediction needs: how samples are prepared, and what the classes are called.
func ExampleSave() {
	dir := must(os.MkdirTemp("", "model"))
	defer os.RemoveAll(dir)
	table, file := filepath.Join(dir, "shapes.csv"), filepath.Join(dir, "shapes.safetensors")
	lines := "sides,colour,shape\n3,red,triangle\n4,red,square\n3,blue,triangle\n4,blue,square\n"
	if err := os.WriteFile(table, []byte(lines), 0o666); err != nil {
		panic(err)
	}
	shapes := must(data.LoadCSV(table, data.CSVConfig{}))
	prepare := must(data.Fit(shapes, data.OneHot{}, data.Standardize{}))
	ready := must(prepare.Apply(shapes))
	net := must(models.NewMLP(models.MLPConfig{Dims: []int{3, 8, 2}}))
	fitted := must(train.Fit(context.Background(), net, losses.CrossEntropy{}, ready,
		train.FitConfig{LearningRate: 0.05}))
	err := models.Save(file, models.Saved{Model: net, Classifier: fitted.Classifier, Prepare: prepare,
		Schema: shapes.Schema(), Shape: ready.Shape()})
	saved := must(models.Load(file))
	fmt.Println(saved.Kind, saved.Shape, saved.Schema.Label.Categories, err)
	// Output: MLP [3] [square triangle] <nil>
}

// What another process has saved predicts the lines of a table: its columns are found by name, in any order. This file
// is of a network that ExampleSave has trained.
func ExampleLoad() {
	table := filepath.Join(must(os.MkdirTemp("", "new")), "new.csv")
	defer os.RemoveAll(filepath.Dir(table))
	if err := os.WriteFile(table, []byte("colour,sides\nblue,4\nred,3\n"), 0o666); err != nil {
		panic(err)
	}
	saved := must(models.Load(filepath.Join("testdata", "shapes.safetensors")))
	samples := must(saved.Table(table))
	fitted := &train.Fitted{Model: saved.Model, Classifier: saved.Classifier}
	for _, class := range must(fitted.Predict(context.Background(), samples)) {
		fmt.Println(saved.Schema.Label.Categories[class])
	}
	// Output:
	// square
	// triangle
}
