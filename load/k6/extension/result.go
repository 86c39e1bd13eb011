package extension

import (
	"github.com/grafana/sobek"

	"assay/load/k6/exchange"
	"assay/load/k6/rows"
)

// result is what a script gets: each column of the row under its name, and what rows do not have. A script reads a few of
// them, so each is made when it is asked for.
type result struct {
	rt     *sobek.Runtime
	answer *exchange.Answer
}

func newResult(rt *sobek.Runtime, a *exchange.Answer) *sobek.Object {
	return rt.NewDynamicObject(&result{rt, a})
}

var (
	columns = byName()
	// extras are the keys besides the columns; error is both.
	extras = []string{"headers", "body", "text", "foreign"}
)

func byName() map[string]*rows.Column {
	all := map[string]*rows.Column{}
	for i := range rows.Columns {
		all[rows.Columns[i].Name] = &rows.Columns[i]
	}
	return all
}

// Get is the value of a key; nil: there is none.
func (r *result) Get(key string) sobek.Value {
	a := r.answer
	switch key {
	case "error":
		if a.Row.Error == "" {
			return nil
		}
		return r.rt.ToValue(map[string]any{"class": a.Row.Error, "detail": a.Detail})
	case "status":
		if a.Row.Status == rows.Unknown {
			return r.rt.ToValue(0)
		}
	case "headers":
		headers := r.rt.NewObject()
		for name, value := range a.Headers {
			// Setting a property of a new plain object does not fail.
			_ = headers.Set(name, value)
		}
		return headers
	case "body":
		return r.text(a.Body, a.Row.Outcome == "refused")
	case "text":
		return r.text(a.Text, a.Text != "")
	case "foreign":
		return r.text(a.Foreign, a.Foreign != "")
	}
	column := columns[key]
	if column == nil {
		return nil
	}
	value := column.Value(&a.Row)
	if list, isList := value.([]string); isList {
		items := make([]any, len(list))
		for n, item := range list {
			items[n] = item
		}
		return r.rt.NewArray(items...)
	}
	return r.rt.ToValue(value)
}

func (r *result) text(text string, isThere bool) sobek.Value {
	if !isThere {
		return nil
	}
	return r.rt.ToValue(text)
}

// Has tells whether there is a key.
func (r *result) Has(key string) bool { return r.Get(key) != nil }

// Set and Delete: what happened is not changed.
func (r *result) Set(string, sobek.Value) bool { return false }

// Delete refuses.
func (r *result) Delete(string) bool { return false }

// Keys are those that there are, in the order of the columns.
func (r *result) Keys() []string {
	keys := make([]string, 0, len(rows.Columns)+len(extras))
	for i := range rows.Columns {
		if name := rows.Columns[i].Name; r.Has(name) {
			keys = append(keys, name)
		}
	}
	for _, name := range extras {
		if r.Has(name) {
			keys = append(keys, name)
		}
	}
	return keys
}
