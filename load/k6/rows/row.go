// Package rows is the sample file of a run: a row for each request, histograms, what the meter knows of itself.
//
// columns.json says what the columns are, in their order, with unit and meaning: the file's first line is made from it.
package rows

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"

	"assay/load/k6/meter"
)

// Unknown is a figure or time that there is none of: null in the file.
const Unknown = meter.Unknown

// A Row is one request, whatever became of it. Times are ns; the file has µs. Each field is the column of columns.json
// with its name.
type Row struct {
	ID                     int64
	Phase, Scenario, Model string
	Key                    string
	Stream                 bool
	Planned, Start         int64
	Connect, Write         int64
	FirstByte              int64
	FirstToken             meter.Bound
	FirstAnswer            int64
	EndToEnd               int64
	PerOutputToken         int64
	Stall                  meter.Bound
	Status                 int64
	Outcome, Error         string
	Reads, Chunks          int64
	TokenChunks            int64
	CoalescedChunks        int64
	CoalescedTokens        int64
	Events, Tokens         int64
	PromptTokens           int64
	CompletionTokens       int64
	ReasoningTokens        int64
	MaxTokens              int64
	AskedPromptTokens      int64
	Lag                    int64
	Stamped, ClockSteps    int64
	Reused                 bool
	Nonce                  string
	Broken                 []string
	Cancel                 string
	RetryAfter             float64 // seconds; negative: none
	Bytes                  int64
	Finish                 string
	NonceSent              string
	Early                  int64
}

// A Column is one column of the file.
type Column struct {
	Name    string `json:"name"`
	Unit    string `json:"unit"`
	Meaning string `json:"meaning"`
	value   func(r *Row) any
}

//go:embed columns.json
var columnsText []byte

// Columns are all, in the order of the file.
var Columns = mustColumns()

// kinds of values, for the writer: a text or null, a number or null, microseconds or null.
type (
	text    string
	count   int64
	micros  int64
	seconds float64
)

var values = map[string]func(r *Row) any{
	"id":                  func(r *Row) any { return count(r.ID) },
	"phase":               func(r *Row) any { return text(r.Phase) },
	"scenario":            func(r *Row) any { return text(r.Scenario) },
	"model":               func(r *Row) any { return text(r.Model) },
	"key":                 func(r *Row) any { return text(r.Key) },
	"stream":              func(r *Row) any { return r.Stream },
	"planned_us":          func(r *Row) any { return micros(r.Planned) },
	"start_us":            func(r *Row) any { return micros(r.Start) },
	"connect_us":          func(r *Row) any { return micros(r.Connect) },
	"write_us":            func(r *Row) any { return micros(r.Write) },
	"ttfb_us":             func(r *Row) any { return micros(r.FirstByte) },
	"ttft_low_us":         func(r *Row) any { return micros(r.FirstToken.Low) },
	"ttft_us":             func(r *Row) any { return micros(r.FirstToken.High) },
	"ttfat_us":            func(r *Row) any { return micros(r.FirstAnswer) },
	"e2e_us":              func(r *Row) any { return micros(r.EndToEnd) },
	"tpot_us":             func(r *Row) any { return micros(r.PerOutputToken) },
	"stall_low_us":        func(r *Row) any { return micros(r.Stall.Low) },
	"stall_us":            func(r *Row) any { return micros(r.Stall.High) },
	"status":              func(r *Row) any { return count(r.Status) },
	"outcome":             func(r *Row) any { return text(r.Outcome) },
	"error":               func(r *Row) any { return text(r.Error) },
	"reads":               func(r *Row) any { return count(r.Reads) },
	"chunks":              func(r *Row) any { return count(r.Chunks) },
	"token_chunks":        func(r *Row) any { return count(r.TokenChunks) },
	"coalesced_chunks":    func(r *Row) any { return count(r.CoalescedChunks) },
	"coalesced_tokens":    func(r *Row) any { return count(r.CoalescedTokens) },
	"events":              func(r *Row) any { return count(r.Events) },
	"tokens":              func(r *Row) any { return count(r.Tokens) },
	"prompt_tokens":       func(r *Row) any { return count(r.PromptTokens) },
	"completion_tokens":   func(r *Row) any { return count(r.CompletionTokens) },
	"reasoning_tokens":    func(r *Row) any { return count(r.ReasoningTokens) },
	"max_tokens":          func(r *Row) any { return count(r.MaxTokens) },
	"asked_prompt_tokens": func(r *Row) any { return count(r.AskedPromptTokens) },
	"lag_us":              func(r *Row) any { return micros(r.Lag) },
	"stamped":             func(r *Row) any { return count(r.Stamped) },
	"clock_steps":         func(r *Row) any { return count(r.ClockSteps) },
	"reused":              func(r *Row) any { return r.Reused },
	"nonce":               func(r *Row) any { return text(r.Nonce) },
	"broken":              func(r *Row) any { return r.Broken },
	"cancel":              func(r *Row) any { return text(r.Cancel) },
	"retry_after_s":       func(r *Row) any { return seconds(r.RetryAfter) },
	"bytes":               func(r *Row) any { return count(r.Bytes) },
	"finish":              func(r *Row) any { return text(r.Finish) },
	"nonce_sent":          func(r *Row) any { return text(r.NonceSent) },
	"early_us":            func(r *Row) any { return micros(r.Early) },
}

func mustColumns() []Column {
	var columns []Column
	if err := json.Unmarshal(columnsText, &columns); err != nil {
		panic(err)
	}
	for i := range columns {
		value, isKnown := values[columns[i].Name]
		if !isKnown {
			panic(fmt.Sprintf("columns.json: no column %q", columns[i].Name))
		}
		columns[i].value = value
	}
	return columns
}

// Value is the value of a column in plain types: nil, string, int64, float64, bool, []string.
func (c *Column) Value(r *Row) any {
	switch v := c.value(r).(type) {
	case text:
		if v != "" {
			return string(v)
		}
	case count:
		if int64(v) != Unknown {
			return int64(v)
		}
	case micros:
		if int64(v) != Unknown {
			return int64(v) / 1000
		}
	case seconds:
		if v >= 0 {
			return float64(v)
		}
	case []string:
		if v == nil {
			return []string{}
		}
		return v
	default:
		return v
	}
	return nil
}

// Append appends the row as a line of the file, without its end.
func (r *Row) Append(p []byte) []byte {
	p = append(p, '[')
	for i := range Columns {
		if i > 0 {
			p = append(p, ',')
		}
		p = appendJSON(p, Columns[i].Value(r))
	}
	return append(p, ']')
}

func appendJSON(p []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(p, "null"...)
	case int64:
		return strconv.AppendInt(p, v, 10)
	case bool:
		return strconv.AppendBool(p, v)
	}
	text, err := json.Marshal(value)
	if err != nil {
		// A NaN is the only value that there is no JSON for.
		return append(p, "null"...)
	}
	return append(p, text...)
}
