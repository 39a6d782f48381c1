// Command own-data trains a network on a table of wines under cross-entropy and under MCR², and says where a
// bottle is from. The numbers of wine.csv are drawn, not measured.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/whitebox-nn/whitebox/data"
	"github.com/whitebox-nn/whitebox/layers"
	"github.com/whitebox-nn/whitebox/losses"
	"github.com/whitebox-nn/whitebox/metrics"
	"github.com/whitebox-nn/whitebox/train"
)

//go:embed wine.csv
var wine string

func main() {
	ctx, table := context.Background(), must(data.ReadCSV(strings.NewReader(wine), data.CSVConfig{Label: "vineyard"}))
	learn, test, prepare := must3(data.Split(table, 0.2, 1, data.OneHot{}, data.Standardize{}))
