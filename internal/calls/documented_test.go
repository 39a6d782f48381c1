package calls

// documented are the functions on slices that panic if the caller has made a
// programmer's error, as indexing does, and say so. Each has the reason.
var documented = map[string]string{
	"nn.Must[float32]": "it abandons the function that it is called in, which defers nn.Catch",
	"nn.Must[float64]": "it abandons the function that it is called in, which defers nn.Catch",
	"op.Must":          "it abandons a Spec's Grad, which package op catches",
}

// documented reports whether f is one of those.
func (f fault) documented() bool {
	_, ok := documented[f.Target]
	return ok && f.Kind == "panic"
}
