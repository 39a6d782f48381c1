package main

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
		verdict := fmt.Sprintf("%.1f dB below %s", worse-better, claim.worse)
		if !(worse-better >= claim.by) {
			verdict = fmt.Sprintf("%.1f dB below %s, and should be by %.0f dB or more. Were these enough steps?", worse-better, claim.worse, claim.by)
		}
		lines = append(lines, claim.better+" is "+verdict)
	}
	if len(lines) == 0 {
		return []string{fmt.Sprintf("NMSE after %d layers, on samples that no method was tuned or trained on.", layers)}
	}
	return []string{fmt.Sprintf("After %d layers, on samples that no method was tuned or trained on: ", layers) + strings.Join(lines, "; ") + "."}
}
