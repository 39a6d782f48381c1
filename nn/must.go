package nn

import (
	"github.com/whitebox-nn/whitebox/internal/build"
)

// Must returns v, so that a formula reads as a formula. If err is not nil it abandons
// the function that it is called in, whose first line defers Catch:
//
//	func (c *Cell) Forward(g *nn.Graph, z *gorgonia.Node) (_ *gorgonia.Node, err error) {
//		defer nn.Catch(&err, "cell %q", c.name)
//		u := nn.Must(nn.AddLinear(nn.Must(g.Bind(c.b)), z, nn.Must(g.Bind(c.w)), 1))
//		return nn.SoftThreshold(u, nn.Must(g.Bind(c.theta)))
//	}
//
// It panics to do so. Without a Catch that ends the program, with a message that says what failed and where the
// deferred Catch is missing.
func Must[T any](v T, err error) T { return build.Must(v, err) }

// Catch, when deferred, prefixes the function's error with the formatted text, whether the error was returned or came
// from a [Must] that abandoned the function. Any other panic continues.
func Catch(err *error, format string, args ...any) { build.Caught(recover(), err, format, args...) }
