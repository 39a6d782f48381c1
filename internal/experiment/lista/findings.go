package lista

import (
	"fmt"
	"strings"
)

// findings says in words what the numbers show. What the papers found and did not
// happen here is said too.
func findings(results []*result) []string {
	at := make(map[string]float64)
	for _, r := range results {
		at[r.Name] = r.last()
	}
	layers := len(results[0].Curve) - 1
	var lines []string
	end := "."
	for _, claim := range []struct {
		better, worse string
		by            float64 // dB
	}{
		{"FISTA", "ISTA", 3}, {"LISTA", "FISTA", 10}, {"LISTA-CP", "FISTA", 10},
		{"LISTA-CPSS", "LISTA", 0}, {"ALISTA", "LISTA", 0}, {"LISTA-CPSS", "AMP", 0}, {"ALISTA", "AMP", 0},
	} {
		better, ok := at[claim.better]
		worse, known := at[claim.worse]
		if !ok || !known {
			continue
		}
		gap := worse - better
		lines = append(lines, distance(claim.better, gap, claim.worse))
		if !(gap >= claim.by) {
			lines[len(lines)-1] += ", and should be below"
			if claim.by > 0 {
				lines[len(lines)-1] += fmt.Sprintf(" by %.0f dB or more", claim.by)
			}
			end = ". Were these enough steps?"
		}
	}
	if len(lines) == 0 {
		return []string{fmt.Sprintf("NMSE after %d layers, on samples that no method was tuned or trained on.", layers)}
	}
	return []string{fmt.Sprintf("After %d layers, on samples that no method was tuned or trained on: ", layers) +
		strings.Join(lines, "; ") + end}
}

// distance says by how many decibels a method is better than another, or worse.
func distance(method string, gap float64, other string) string {
	switch {
	case gap-gap != 0:
		return fmt.Sprintf("%s or %s diverged", method, other)
	case gap < 0:
		return fmt.Sprintf("%s is %.1f dB above %s", method, -gap, other)
	}
	return fmt.Sprintf("%s is %.1f dB below %s", method, gap, other)
}
