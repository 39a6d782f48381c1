package redunet_test

import (
	"testing"

	"github.com/whitebox-nn/whitebox/internal/op/redunet"
	"github.com/whitebox-nn/whitebox/op/optest"
)

func BenchmarkReduNet(b *testing.B) {
	optest.Bench(b, []optest.Case{
		{Name: "maps 1000x128x10", Build: of(redunet.Maps{}), In: []optest.Array{optest.Normal(1, 1, 1000, 128),
			optest.Normal(2, 1, 128, 128), optest.Normal(3, 1, 10, 128, 128)}},
		{Name: "membership 1000x128x10", Build: of(redunet.Membership{Lambda: 500}),
			In: []optest.Array{optest.Normal(1, 1, 1000, 11, 128)}},
		{Name: "step 1000x128x10", Build: of(redunet.Step{Eta: 0.5}), In: []optest.Array{
			optest.Normal(1, 1, 1000, 128), optest.Normal(2, 1, 1000, 11, 128), optest.Normal(3, 1, 1000, 10),
			optest.Normal(4, 1, 10)}},
	})
}
