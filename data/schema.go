package data

import "slices"

// A Schema says what the numbers of a table mean. With it another table can be read in the same way, for a prediction
// in another process. It can be encoded as JSON.
type Schema struct {
	Columns []Column `json:"columns"`          // of a sample, in their order
	Label   Column   `json:"label"`            // Categories are the names of the classes
	Targets []Column `json:"targets,omitzero"` // of numbers to predict, without a Label
}

// A Column describes a column of a table.
type Column struct {
	Name       string   `json:"name"`
	Categories []string `json:"categories,omitempty"` // number i is the i-th; nil for a column of numbers
	Fill       float64  `json:"fill,omitempty"`       // what missing cells are
	Filled     bool     `json:"filled,omitempty"`     // missing cells are not errors
}

// Clone returns a copy that shares no memory.
func (s Schema) Clone() Schema {
	c := Schema{Columns: slices.Clone(s.Columns), Label: s.Label, Targets: slices.Clone(s.Targets)}
	for i := range c.Columns {
		c.Columns[i].Categories = slices.Clone(c.Columns[i].Categories)
	}
	c.Label.Categories = slices.Clone(s.Label.Categories)
	return c
}

// Schema returns the schema of s. For a set that was not read from a table it has no columns, and has class names
// only if the function that made the set named them.
func (s *Set) Schema() Schema {
	if s = s.safe(); s.schema == nil {
		return Schema{}
	}
	return s.schema.Clone()
}

// ClassNames returns the name of each class, nil if they have none.
func (s *Set) ClassNames() []string {
	if s = s.safe(); s.schema == nil {
		return nil
	}
	return slices.Clone(s.schema.Label.Categories)
}

// named returns s with a schema.
func (s *Set) named(schema Schema) *Set {
	t := *s
	t.schema = &schema
	return &t
}
