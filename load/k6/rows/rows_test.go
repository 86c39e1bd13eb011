package rows

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"assay/load/k6/meter"
)

// contract is the order that readers of the file rely on.
const contract = "id phase scenario model key stream planned_us start_us connect_us write_us ttfb_us ttft_low_us ttft_us " +
	"ttfat_us e2e_us tpot_us stall_low_us stall_us status outcome error reads chunks token_chunks coalesced_chunks " +
	"coalesced_tokens events tokens prompt_tokens completion_tokens reasoning_tokens max_tokens asked_prompt_tokens lag_us " +
	"stamped clock_steps reused nonce broken cancel retry_after_s bytes finish nonce_sent early_us"

func sample() *Row {
	const u = Unknown
	none := meter.Bound{Low: u, High: u}
	return &Row{
		ID: 1, Phase: "ma\"in", Model: "m", Stream: true, Planned: u, Start: 1_500_999, Connect: 0, Write: 2000, FirstByte: u,
		FirstToken: meter.Bound{Low: 1000, High: 2000}, FirstAnswer: u, EndToEnd: u, PerOutputToken: u, Stall: none, Status: 200,
		Outcome: "finished", PromptTokens: u, CompletionTokens: 3, ReasoningTokens: u, MaxTokens: u, AskedPromptTokens: u, Lag: u,
		RetryAfter: 1.5, Early: u, Broken: []string{"a/b"},
	}
}

func lines(t *testing.T, path string) []any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []any
	for _, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var value any
		if err := json.Unmarshal(line, &value); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, value)
	}
	return all
}

func TestTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "samples.jsonl")
	f, err := Create(path, map[string]any{"run": "01234567"})
	if err != nil {
		t.Fatal(err)
	}
	f.Row(sample())
	f.Add("note", map[string]any{"name": "x"})
	if got := len(lines(t, path)); got != 1 {
		t.Errorf("%d lines before the first flush: the head is there at once", got)
	}
	if err := f.Flush(); err != nil {
		t.Fatal(err)
	}
	all := lines(t, path)
	head := all[0].(map[string]any)
	columns := head["columns"].([]any)
	for i, name := range bytes.Fields([]byte(contract)) {
		if i >= len(columns) || columns[i] != string(name) {
			t.Fatalf("column %d: %v, not %s", i, columns[min(i, len(columns)-1)], name)
		}
	}
	row := all[1].([]any)
	if len(row) != len(columns) || len(columns) != len(Columns) {
		t.Errorf("%d values in %d columns of %d", len(row), len(columns), len(Columns))
	}
	want := map[string]any{
		"id": 1.0, "phase": `ma"in`, "scenario": nil, "stream": true, "planned_us": nil, "start_us": 1500.0, "connect_us": 0.0,
		"ttft_low_us": 1.0, "ttft_us": 2.0, "e2e_us": nil, "status": 200.0, "completion_tokens": 3.0, "retry_after_s": 1.5,
		"nonce": nil, "error": nil,
	}
	for i, name := range columns {
		if value, isWanted := want[name.(string)]; isWanted && row[i] != value {
			t.Errorf("%s: %v, not %v", name, row[i], value)
		}
	}
	if err := f.Close(9_000, true); err != nil {
		t.Fatal(err)
	}
	last := lines(t, path)[3].(map[string]any)["end"].(map[string]any)
	if last["rows"] != 1.0 || last["stopped"] != true || last["at_us"] != 9.0 {
		t.Errorf("%v", last)
	}
}

// TestHistogramsAddUp: what is written in parts gives, added up, all.
func TestHistogramsAddUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "samples.jsonl")
	f, err := Create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := f.Histograms("main", "m", 0).BetweenTokens
	for n := range int64(1000) {
		h.Add(n*1_000_000, 1)
		if n%300 == 0 {
			f.WriteHistograms(n)
		}
	}
	h.Add(Unknown, 1)
	h.Add(-5, 2)
	h.Add(1<<62, 1)
	if got, ok := f.Quantile("itl", "main", 0.5); !ok || got < 497_000 || got > 503_000 {
		t.Errorf("median %d, %v", got, ok)
	}
	if err := f.Close(2_000, false); err != nil {
		t.Fatal(err)
	}
	sum, count, last := hdr.New(lowest, highest, Figures), 0.0, 0.0
	for _, line := range lines(t, path) {
		object, isObject := line.(map[string]any)
		if !isObject || object["histogram"] == nil {
			continue
		}
		part, err := hdr.Decode([]byte(object["hdr"].(string)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := base64.StdEncoding.DecodeString(object["hdr"].(string)); err != nil {
			t.Error(err)
		}
		if float64(part.TotalCount()) != object["count"] || object["from_us"] != last {
			t.Errorf("%v", object)
		}
		last = object["to_us"].(float64)
		count += object["count"].(float64)
		sum.Merge(part)
	}
	if count != 1003 || sum.TotalCount() != 1003 || sum.Max() < highest-highest/1000 {
		t.Errorf("%v values, %d in the sum, up to %d", count, sum.TotalCount(), sum.Max())
	}
	if got := sum.ValueAtQuantile(50); got < 497_000 || got > 503_000 {
		t.Errorf("median %d", got)
	}
}

func TestAFileThatCannotBe(t *testing.T) {
	if _, err := Create(filepath.Join(t.TempDir(), "no", "folder"), nil); err == nil {
		t.Error("made")
	}
}

func BenchmarkRow(b *testing.B) {
	r, p := sample(), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		p = r.Append(p[:0])
	}
}
