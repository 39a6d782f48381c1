// Command whitebox runs the experiments of the library: it compares MCR² with
// cross-entropy, benchmarks learned sparse coding, constructs ReduNets, groups samples
// by compression, and learns dictionaries of images; and it predicts with models that were saved.
//
//	go install github.com/whitebox-nn/whitebox/cmd/whitebox@latest
//	whitebox compare
//
// whitebox help lists the subcommands, whitebox compare -help the flags of one, and
// whitebox completion bash prints a script that completes both.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/whitebox-nn/whitebox/internal/experiment"
	"github.com/whitebox-nn/whitebox/internal/experiment/compare"
	"github.com/whitebox-nn/whitebox/internal/experiment/denoise"
	"github.com/whitebox-nn/whitebox/internal/experiment/doctor"
	"github.com/whitebox-nn/whitebox/internal/experiment/lista"
	"github.com/whitebox-nn/whitebox/internal/experiment/predict"
	"github.com/whitebox-nn/whitebox/internal/experiment/redunet"
	"github.com/whitebox-nn/whitebox/internal/experiment/segment"
	"github.com/whitebox-nn/whitebox/internal/experiment/summary"
)

// A command is a subcommand.
type command struct {
	help experiment.Help
	main func(args []string, out, progress io.Writer) int
}

func commands() []command {
	return []command{
		{compare.Help(), compare.Main},
		{lista.Help(), lista.Main},
		{redunet.Help(), redunet.Main},
		{segment.Help(), segment.Main},
		{denoise.Help(), denoise.Main},
		{predict.Help(), predict.Main},
		{summary.Help(), summary.Main},
		{doctor.Help(), doctor.Main},
	}
}

const misused = 2 // the exit code of a command line that is wrong

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run runs the subcommand that args names, and returns the exit code.
func run(args []string, out, progress io.Writer) int {
	if len(args) == 0 {
		usage(progress)
		return misused
	}
	switch name, rest := args[0], args[1:]; name {
	case "help", "-h", "-help", "--help":
		if len(rest) == 0 {
			usage(out)
			return 0
		}
		return run([]string{rest[0], "-help"}, out, out)
	case "completion":
		return complete(rest, out, progress)
	default:
		i := slices.IndexFunc(commands(), func(c command) bool { return c.help.Name == name })
		if i < 0 {
			fmt.Fprintf(progress, "whitebox: no command %q: whitebox help lists those there are\n", name)
			return misused
		}
		return commands()[i].main(rest, out, progress)
	}
}

// usage writes what the subcommands do.
func usage(w io.Writer) {
	fmt.Fprint(w, "Usage: whitebox COMMAND [flags]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %s\n", c.help.Name)
		for _, line := range c.help.Lines() {
			fmt.Fprintf(w, "    \t%s\n", line)
		}
	}
	fmt.Fprint(w, "  completion\n    \tprints a script that completes commands and flags: bash, zsh or fish\n"+
		"  help\n    \tsays this, or what a command does\n\nwhitebox COMMAND -help lists the flags of one, with "+
		"examples.\n")
}
