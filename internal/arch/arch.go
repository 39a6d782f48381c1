// Package arch holds no code: its tests are the rules of the house, as far as a
// program can check them. Who may import whom is the table in imports_test.go; a
// rule is a value with a name, a reason, a check of the whole module, and small
// files of which it must report some lines and no others, so that no rule passes
// because it is blind. See rule_test.go.
//
// A rule states policy: change it by a decision record, not to make a build pass.
package arch

//go:generate go run ./floors -out ../../docs/img/floors.svg
