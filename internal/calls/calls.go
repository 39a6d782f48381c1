// Package calls holds no code: its test calls every exported function and method
// of the public packages with arguments that make no sense, and counts what
// panics, hangs, ends the process or asks for absurd memory. None should.
//
// # How
//
// The table of functions and types is made from the source by gen. For each
// function the test looks for arguments that it takes without an error: of plain
// types from a list, of the module's types from what other functions return. Then
// it makes them odd, one at a time and several at once: nil, NaN, ±Inf, empty, of
// another length, negative, as large as numbers go, and nil within. What a call
// returns is used in turn: graphs are compiled and run, methods called.
//
// All is drawn from fixed seeds, and happens in child processes, which have limits
// of time and memory: a crash ends one child, and another one goes on behind it.
package calls

//go:generate go run ./gen -out table_test.go
