package data

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// What a column of a table is read for.
type csvRole int

const (
	csvDrop csvRole = iota
	csvSample
	csvLabel
	csvTarget
)

// A csvColumn is what is known of a column before it is read.
type csvColumn struct {
	name    string
	role    csvRole
	slot    int  // in a sample, or among the targets
	words   bool // of categories, because the caller says so
	schema  *Column
	numeric bool // of numbers, because the schema says so
}

// A csvTable is a table to read.
type csvTable struct {
	cfg     CSVConfig
	columns []csvColumn
	missing []string
	d, k    int  // numbers of a sample, and of targets, a label included
	targets bool // they are numbers
}

// newTable finds the columns that cfg names.
func newTable(names []string, cfg CSVConfig) (*csvTable, error) {
	t := &csvTable{cfg: cfg, columns: make([]csvColumn, len(names)), missing: cfg.Missing}
	if t.missing == nil {
		t.missing = []string{"", "?", "NA", "N/A", "NaN", "null"}
	}
	for i, name := range names {
		t.columns[i] = csvColumn{name: name, role: csvSample}
	}
	if cfg.Fill < FillNone || cfg.Fill > FillZero {
		return nil, errors.Wrapf(ErrInput, "Fill is %d, want one of the constants", cfg.Fill)
	}
	assign := t.assign
	if cfg.Schema != nil {
		assign = t.follow
	}
	if err := assign(); err != nil {
		return nil, err
	}
	if t.d == 0 {
		return nil, errors.Wrapf(ErrInput, "none of the %d columns is left for a sample: is %q what separates cells?",
			len(names), cfg.Comma)
	}
	return t, nil
}

// find returns the column of a name or number.
func (t *csvTable) find(what, name string) (*csvColumn, error) {
	at := -1
	for i := range t.columns {
		if t.columns[i].name != name {
			continue
		}
		if at >= 0 {
			return nil, errors.Wrapf(ErrInput, "%s %q: columns %d and %d both have that name: say which by its "+
				"number", what,
				name, at+1, i+1)
		}
		at = i
	}
	if at < 0 {
		n, err := strconv.Atoi(name)
		if err != nil || n < 1 || n > len(t.columns) {
			return nil, errors.Wrapf(ErrInput, "%s %q: no such column: there are %s", what, name, t.names())
		}
		at = n - 1
	}
	return &t.columns[at], nil
}

// names lists the columns, for a message.
func (t *csvTable) names() string {
	const most = 20
	var all []string
	for i, c := range t.columns[:min(most, len(t.columns))] {
		all = append(all, strconv.Itoa(i+1)+" "+strconv.Quote(c.name))
	}
	if more := len(t.columns) - most; more > 0 {
		all = append(all, "and "+strconv.Itoa(more)+" more")
	}
	return strings.Join(all, ", ")
}

// assign gives each column its role, as the fields of cfg say it.
func (t *csvTable) assign() error {
	cfg := t.cfg
	if cfg.Unlabeled && cfg.Label != "" || len(cfg.Targets) > 0 && (cfg.Label != "" || cfg.Unlabeled) {
		return errors.Wrapf(ErrInput, "Label %q, Targets %q and Unlabeled %v exclude each other", cfg.Label,
			cfg.Targets,
			cfg.Unlabeled)
	}
	roles := []struct {
		what  string
		names []string
		role  csvRole
	}{{"Drop", cfg.Drop, csvDrop}, {"Targets", cfg.Targets, csvTarget}}
	switch {
	case cfg.Label != "":
		roles[1].what, roles[1].names, roles[1].role = "Label", []string{cfg.Label}, csvLabel
	case len(cfg.Targets) == 0 && !cfg.Unlabeled:
		t.columns[len(t.columns)-1].role = csvLabel
	}
	for _, r := range roles {
		for _, name := range r.names {
			c, err := t.find(r.what, name)
			if err != nil {
				return err
			}
			if c.role == csvTarget || c.role == csvDrop {
				return errors.Wrapf(ErrInput, "column %q is named twice by Drop, Targets and Label", name)
			}
			if c.role = r.role; c.role == csvTarget {
				c.slot, t.targets = t.k, true
				t.k++
			}
		}
	}
	for _, name := range cfg.Categories {
		c, err := t.find("Categories", name)
		if err != nil {
			return err
		}
		if c.role == csvTarget {
			return errors.Wrapf(ErrInput, "column %q is one of Targets, which are numbers, and of Categories", name)
		}
		c.words = true
	}
	for i := range t.columns {
		switch c := &t.columns[i]; c.role {
		case csvSample:
			c.slot = t.d
			t.d++
		case csvLabel:
			c.words, t.k = true, 1
		}
	}
	return nil
}

// follow gives each column its role, as cfg.Schema has it.
func (t *csvTable) follow() error {
	cfg, schema := t.cfg, t.cfg.Schema
	if cfg.Label != "" && cfg.Label != schema.Label.Name || cfg.Unlabeled || cfg.Fill != FillNone ||
		len(cfg.Targets)+len(cfg.Categories)+len(cfg.Drop) > 0 {
		return errors.Wrap(ErrInput, "a Schema says all about columns: leave Label, Targets, Unlabeled, Categories, "+
			"Drop and Fill out")
	}
	for i := range t.columns {
		t.columns[i].role = csvDrop
	}
	take := func(column *Column, role csvRole, slot int) error {
		c, err := t.find("Schema: column", column.Name)
		if err != nil {
			return err
		}
		if c.role != csvDrop {
			return errors.Wrapf(ErrInput, "Schema: column %q is there twice", column.Name)
		}
		c.role, c.slot, c.schema, c.words, c.numeric = role, slot, column, column.Categories != nil,
			column.Categories == nil
		return nil
	}
	for i := range schema.Columns {
		if err := take(&schema.Columns[i], csvSample, i); err != nil {
			return err
		}
	}
	t.d = len(schema.Columns)
	for i := range schema.Targets {
		if err := take(&schema.Targets[i], csvTarget, i); err != nil {
			return err
		}
	}
	t.k, t.targets = len(schema.Targets), len(schema.Targets) > 0
	if label := schema.Label.Name; label != "" && !t.targets && (cfg.Label != "" || slices.ContainsFunc(t.columns,
		func(c csvColumn) bool { return c.name == label })) {
		t.k = 1
		return take(&schema.Label, csvLabel, 0)
	}
	return nil
}

// isMissing reports whether the text of a cell, without space around it, says that there is none.
func (t *csvTable) isMissing(role csvRole, text []byte) bool {
	if role == csvLabel { // "NA" may be the name of a class
		return len(text) == 0
	}
	const longest = 8
	if len(text) > longest && t.cfg.Missing == nil {
		return false
	}
	for _, m := range t.missing {
		if len(m) == len(text) && strings.EqualFold(m, string(text)) {
			return true
		}
	}
	return false
}
