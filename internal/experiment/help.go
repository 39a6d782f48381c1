package experiment

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

// Help is what -help says of a program above its flags.
type Help struct {
	Name     string
	Does     string    // a sentence, of lines that fit a terminal
	Usage    string    // what follows the name, of a program that is no example; "" is of one that is
	Examples []Example // command lines to start from
}

// An Example is a command line: the flags, and what they are for.
type Example struct{ Flags, For string }

// NewFlags returns a set of flags whose help, which goes to w, begins with h.
func NewFlags(h Help, w io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet(h.Name, flag.ContinueOnError)
	f.SetOutput(w)
	f.Usage = func() {
		fmt.Fprintf(w, "%s\n\nUsage: whitebox %s ", h.Does, h.Name)
		if h.Usage != "" {
			fmt.Fprintln(w, h.Usage)
		} else {
			fmt.Fprintf(w, "[flags], or, in a checkout: go run ./examples/%s [flags]\n", h.Name)
		}
		for i, e := range h.Examples {
			if i == 0 {
				fmt.Fprint(w, "\nExamples:\n")
			}
			fmt.Fprintf(w, "  whitebox %s %s\n    \t%s\n", h.Name, e.Flags, e.For)
		}
		fmt.Fprint(w, "\nFlags:\n")
		f.PrintDefaults()
	}
	return f
}

// Lines are those of what the program does, without its name.
func (h Help) Lines() []string {
	return strings.Split(strings.TrimPrefix(h.Does, h.Name+" "), "\n")
}
