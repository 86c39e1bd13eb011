package extension

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.k6.io/k6/cmd"
)

// asK6 makes this test binary be k6.
const asK6 = "ASSAY_TEST_AS_K6"

func TestMain(m *testing.M) {
	if os.Getenv(asK6) != "" {
		cmd.Execute()
		return
	}
	os.Exit(m.Run())
}

const (
	token = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,` +
		`"delta":{"content":"a"}}]}` + "\n\n"
	ending = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},` +
		`"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}}` + "\n\ndata: [DONE]\n\n"
)

// gateway answers each request with three tokens; /slow waits between them, /refuse says 401.
func gateway(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refuse" {
			w.Header().Set("X-Key", r.Header.Get("Authorization"))
			http.Error(w, "no: "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		gap := 2 * time.Millisecond
		if r.URL.Path == "/slow" {
			gap = 100 * time.Millisecond
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for range 3 {
			fmt.Fprint(w, token)
			_ = http.NewResponseController(w).Flush()
			time.Sleep(gap)
		}
		fmt.Fprint(w, ending)
	}))
	t.Cleanup(server.Close)
	return server
}

// k6 is a run of a script: its command, and the file with the samples.
func k6(t *testing.T, script string, env ...string) (*exec.Cmd, *bytes.Buffer, string) {
	t.Helper()
	dir := t.TempDir()
	path, samples := filepath.Join(dir, "script.js"), filepath.Join(dir, "samples.jsonl")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "run", "--quiet", "--no-color", "--no-usage-report", "--address=",
		"--out", "assay="+samples, path)
	command.Env = append(os.Environ(), asK6+"=1", "K6_AUTO_EXTENSION_RESOLUTION=false")
	command.Env = append(command.Env, env...)
	said := new(bytes.Buffer)
	command.Stdout, command.Stderr = said, said
	return command, said, samples
}

// samples are the rows, by column, and the other lines.
func samples(t *testing.T, path string) (rows []map[string]any, others map[string][]any) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var columns []any
	others = map[string][]any{}
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var line any
		if err := json.Unmarshal(in.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", in.Bytes(), err)
		}
		switch line := line.(type) {
		case map[string]any:
			if columns == nil {
				columns = line["columns"].([]any)
			}
			for key, value := range line {
				others[key] = append(others[key], value)
			}
		case []any:
			row := map[string]any{}
			for i, name := range columns {
				row[name.(string)] = line[i]
			}
			rows = append(rows, row)
		}
	}
	return rows, others
}

func script(url, body, options string) string {
	return `import { Client, now, note, gap } from 'k6/x/assay'
import { check } from 'k6'
export const options = ` + options + `
const client = new Client({ url: '` + url + `', dialect: 'openai-chat',
  headers: { authorization: 'Bearer sk-fake-0123456789abcdef' }, secrets: ['sk-fake-0123456789abcdef'],
  deadlines: { drain_ms: 1000 }, caps: { requests: 100, tokens: 1e6 } })
const ask = { body: { model: 'm', messages: [] }, stream: true, model: 'm', phase: 'main', max_tokens: 3, planned_ms: 1 }
function hold(what, is) { if (!is) throw new Error('not so: ' + what) }
` + body
}

func TestARun(t *testing.T) {
	order := filepath.Join(t.TempDir(), "order.json")
	if err := os.WriteFile(order, []byte(`{"run":"01234567"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	command, said, path := k6(t, script(gateway(t).URL, `
export default async function () {
  note('phase', { name: 'main' })
  const first = client.ask(ask)
  hold('finished', first.outcome === 'finished' && first.status === 200 && first.tokens === 3 && first.error === undefined)
  hold('unknown is null', first.retry_after_s === null && Array.isArray(first.broken) && first.nonce === null)
  hold('headers', first.headers['content-type'] === 'text/event-stream')
  const all = await Promise.all(Array.from({ length: 20 }, () => client.askAsync(ask)))
  hold('all', all.every((r) => r.outcome === 'finished'))
  hold('the gaps so far', gap('icl', 'main', 0.5) >= 1 && gap('itl', 'none', 0.5) === null)
  hold('the clock', now() >= first.start_us / 1000)
  client.drop({ planned_ms: 2.5, phase: 'main', why: 'streams' })
}`, `{ thresholds: { 'assay_time_to_first_token{phase:main}': ['p(95)<60000'], 'assay_requests{outcome:finished}': ['count==21'],
  'assay_dropped{why:streams}': ['count==1'], 'assay_inter_token_latency{model:m}': ['p(99)>=0'],
  'assay_requests{status:200}': ['count==21'], 'assay_unsuccessful': ['rate>0.04', 'rate<0.05'] } }`), "ASSAY_ORDER="+order)
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	rows, others := samples(t, path)
	if len(rows) != 21 || rows[0]["phase"] != "main" || rows[0]["scenario"] != "default" || rows[0]["max_tokens"] != 3.0 ||
		rows[0]["planned_us"] != 1000.0 {
		t.Errorf("%d rows: %v", len(rows), rows[0])
	}
	if others["run"][0] != "01234567" || others["k6"][0] != k6Version() && k6Version() != "unknown" {
		t.Errorf("%v", others)
	}
	end := others["end"][0].(map[string]any)
	dropped := others["dropped"][0].(map[string]any)
	if end["rows"] != 21.0 || end["stopped"] != false || dropped["planned_us"] != 2500.0 || dropped["why"] != "streams" ||
		len(others["note"]) != 1 || len(others["meter"]) == 0 || len(others["histogram"]) == 0 {
		t.Errorf("%v", others)
	}
	// What each metric is called is in the list.
	for _, name := range []string{"gen_ai_client_operation_duration", "gen_ai_client_token_usage", "assay_meter_lag"} {
		if !strings.Contains(said.String(), name) {
			t.Errorf("no %s in:\n%s", name, said)
		}
	}
}

func TestRefusalsAndSlips(t *testing.T) {
	command, said, path := k6(t, script(gateway(t).URL+"/refuse", `
let early = 0
for (const way of ['ask', 'askAsync']) try { client[way](ask) } catch (e) { early += 1 }
export default function () {
  hold('nothing is asked in the init context', early === 2)
  const r = client.ask(ask)
  hold('refused', r.outcome === 'refused' && r.status === 401)
  hold('masked', !JSON.stringify(r).includes('0123456789abcdef') && r.body.includes('****'))
  for (const slip of [() => client.ask({ ...ask, strem: true }), () => client.ask({ stream: true }), () => client.ask(),
    () => new Client({ url: 'http://x', dialect: 'openai-chat', header: {} }), () => new Client({ url: 'x', dialect: 'raw' }),
    () => client.drop({ why: 1 })]) {
    let failed = false
    try { slip() } catch (e) { failed = true }
    hold(String(slip), failed)
  }
  note('seen', { by: 'the script' })
}`, "{}"))
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	rows, others := samples(t, path)
	if len(others["note"]) != 1 || len(rows) != 1 {
		t.Errorf("%d rows; the script did not come to its end:\n%s", len(rows), said)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("0123456789abcdef")) || strings.Contains(said.String(), "0123456789abcdef") {
		t.Error("a key was written")
	}
}
