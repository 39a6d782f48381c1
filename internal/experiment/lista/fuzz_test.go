package lista

import (
	"encoding/json"
	"io"
	"testing"
)

// FuzzResult reads texts as results of two methods: what check takes can be shown.
func FuzzResult(f *testing.F) {
	f.Add(`{"name":"LISTA","curve":[0,-3,null],"sparsity":[1,2],"seconds":1e9}`)
	f.Add(`{"name":"LISTA","curve":[]}`)
	f.Add(`{"name":"LISTA","curve":null,"steps":-1}`)
	f.Add(`{"name":"LISTA","curve":[1,2,3],"thresholds":[null,null],"tuned":1e-320,"recall":[0.5]}`)
	f.Add(`{"name":"LISTA","curve":[1e308,-1e308,1],"precision":[1e308,-1e308]}`)
	f.Add(`null`)
	f.Fuzz(func(t *testing.T, text string) {
		var r result
		if json.Unmarshal([]byte(text), &r) != nil {
			return
		}
		r.last()
		if r.check("LISTA", 2) != nil {
			return
		}
		other := &result{Name: "FISTA", Curve: []float64{0, -1, -2}}
		results := []*result{&r, other}
		if err := printTable(io.Discard, config{}, results); err != nil {
			t.Error(err)
		}
		findings(results)
		if _, err := sections(results); err != nil && finite(r) {
			t.Error(err)
		}
		if _, err := json.Marshal(&r); err != nil {
			t.Error(err)
		}
	})
}

// finite reports numbers that a figure can be of.
func finite(r result) bool {
	for _, l := range []numbers{r.Curve, r.Sparsity, r.Precision, r.Recall, r.Thresholds} {
		for _, v := range l {
			if v > 1e100 || v < -1e100 {
				return false
			}
		}
	}
	return true
}
