// Command own-data trains a network on a table of wines, under MCR² and under cross-entropy, and
// says which vineyard a bottle is from. The numbers in wine.csv are drawn, not measured.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/nn"
	"github.com/whitebox-nn/whitebox/train"
)

//go:embed wine.csv
var table string

func main() {
	ctx := context.Background()
	wines := nn.Must(data.ReadCSV(strings.NewReader(table), data.CSVConfig{Label: "vineyard"}))
	learn, test, err := wines.Split(0.2, 1)
	prepare := nn.Must(data.Fit(nn.Must(learn, err), data.OneHot{}, data.Standardize{}))
	learn, test = nn.Must(prepare.Apply(learn)), nn.Must(prepare.Apply(test))
	for _, loss := range []losses.Loss{losses.MCR2{Classes: 3}, losses.CrossEntropy{}} {
		net := layers.Sequential{
			nn.Must(layers.NewLinear(layers.LinearConfig{Name: "in", In: learn.Shape()[0], Out: 64})), layers.ReLU{},
			nn.Must(layers.NewLinear(layers.LinearConfig{Name: "out", In: 64, Out: 3})), layers.Normalize{},
		}
		fitted := nn.Must(train.Fit(ctx, net, loss, learn, train.FitConfig{}))
		accuracy, classes := nn.Must(fitted.Score(ctx, test)), nn.Must(fitted.Predict(ctx, test))
		fmt.Printf("%T: %.3f right, the first is from %s\n", loss, accuracy, wines.ClassNames()[classes[0]])
	}
}
