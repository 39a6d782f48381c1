package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// complete writes the script that completes commands and flags in a shell.
func complete(args []string, out, progress io.Writer) int {
	scripts := map[string]func(io.Writer){"bash": bash, "zsh": zsh, "fish": fish}
	if len(args) != 1 || scripts[args[0]] == nil {
		fmt.Fprint(progress, "whitebox: completion of which shell? bash, zsh or fish:\n"+
			"  bash: source <(whitebox completion bash)\n"+
			"  zsh:  source <(whitebox completion zsh)\n"+
			"  fish: whitebox completion fish | source\n")
		return misused
	}
	scripts[args[0]](out)
	return 0
}

// A word is a command or a flag, and what follows it.
type word struct{ name, flags string }

// words lists the commands, each with its flags.
func words() []word {
	all := []word{{name: "help"}, {name: "completion", flags: "bash zsh fish"}}
	for _, c := range commands() {
		all = append(all, word{name: c.help.Name, flags: strings.Join(flagsOf(c), " ")})
	}
	return all
}

// flagsOf lists the flags of a command, as its help does.
func flagsOf(c command) (flags []string) {
	var help bytes.Buffer
	c.main([]string{"-help"}, &help, &help)
	_, text, _ := strings.Cut(help.String(), "\nFlags:\n")
	for _, m := range regexp.MustCompile(`(?m)^  (-[a-z0-9-]+)`).FindAllStringSubmatch(text, -1) {
		flags = append(flags, m[1])
	}
	return flags
}

func names() string {
	var all []string
	for _, w := range words() {
		all = append(all, w.name)
	}
	return strings.Join(all, " ")
}

func bash(w io.Writer) {
	fmt.Fprint(w, "_whitebox() {\n\tlocal words\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n")
	fmt.Fprintf(w, "\t\twords=%q\n\telse\n\t\tcase ${COMP_WORDS[1]} in\n", names())
	for _, c := range words() {
		if c.flags != "" {
			fmt.Fprintf(w, "\t\t%s) words=%q ;;\n", c.name, c.flags)
		}
	}
	fmt.Fprint(w,
		"\t\tesac\n\tfi\n\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n}\n"+
			"complete -o default -F _whitebox whitebox\n")
}

func zsh(w io.Writer) {
	fmt.Fprint(w, "autoload -Uz bashcompinit && bashcompinit\n")
	bash(w)
}

func fish(w io.Writer) {
	fmt.Fprintf(w, "complete -c whitebox -n __fish_use_subcommand -f -a %q\n", names())
	for _, c := range words() {
		if c.flags != "" {
			fmt.Fprintf(w, "complete -c whitebox -n '__fish_seen_subcommand_from %s' -a %q\n", c.name, c.flags)
		}
	}
}
