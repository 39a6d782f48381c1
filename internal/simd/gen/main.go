// Command gen writes the assembly of package simd.
//
// It is a module of its own, so that modules that import whitebox do not depend on avo. Run it through go generate in
// the directory above.
package main

import (
	"flag"
	"log"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
)

// families are the files it can write.
var families = map[string]func(){
	"gemm":     gemm,
	"lanes":    lanes,
	"near":     near,
	"norm":     norm,
	"pack":     pack,
	"pick":     copyPieces,
	"rows":     rows,
	"triangle": triangle,
	"special":  special,
	"vec":      vec,
	"winograd": winograd,
	"wide":     wideSums,
}

func main() {
	family := flag.String("family", "", "which file to write")
	flag.Parse()
	write, ok := families[*family]
	if !ok {
		log.Fatalf("gen: unknown family %q", *family)
	}
	build.ConstraintExpr("!purego") // the other half is internal/simd/noasm.go
	write()
	pass.Compile = compiled()
	build.Generate()
}

// compiled is avo's compilation, and then a look at what came of it.
func compiled() pass.Interface { return pass.Concat(pass.Compile, pass.FunctionPass(legal)) }
