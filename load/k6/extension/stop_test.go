package extension

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

const endless = `
export default async function () {
  note('begun', {})
  for (;;) {
    const all = await Promise.all(Array.from({ length: 5 }, () => client.askAsync(ask)))
    if (all.some((r) => r.outcome === 'stopped')) return
  }
}`

// begun waits until the script has begun.
func begun(t *testing.T, path string) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if text, err := os.ReadFile(path); err == nil && bytes.Contains(text, []byte(`"begun"`)) {
			return
		}
	}
	t.Fatal("the script did not begin")
}

// TestInterrupt: what is under way is drained, and every row is there.
func TestInterrupt(t *testing.T) {
	command, said, path := k6(t, script(gateway(t).URL+"/slow", endless, "{}"))
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	begun(t, path)
	if err := command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if code := command.ProcessState.ExitCode(); code != 105 {
		t.Errorf("exit %d\n%s", code, said)
	}
	checkDrained(t, path)
}

func checkDrained(t *testing.T, path string) {
	t.Helper()
	rows, others := samples(t, path)
	finished := 0
	for _, row := range rows {
		if row["outcome"] == "finished" {
			finished++
		} else if row["outcome"] != "stopped" {
			t.Errorf("%v", row)
		}
	}
	if len(others["end"]) != 1 {
		t.Fatalf("no end: %v", others)
	}
	end := others["end"][0].(map[string]any)
	if end["stopped"] != true || end["rows"] != float64(len(rows)) || finished < 5 || finished%5 != 0 {
		t.Errorf("%d finished of %d rows, %v", finished, len(rows), end)
	}
}

// TestParentGone: nobody would end the load any more.
func TestParentGone(t *testing.T) {
	command, said, path := k6(t, script(gateway(t).URL+"/slow", endless, "{}"), "ASSAY_PARENT=1")
	if os.Getppid() == 1 && os.Getpid() == 1 {
		t.Skip("we are the first process")
	}
	if err := command.Run(); err == nil {
		t.Errorf("ended as if nothing were wrong:\n%s", said)
	}
	rows, others := samples(t, path)
	if len(others["end"]) != 1 || others["end"][0].(map[string]any)["stopped"] != true {
		t.Errorf("%d rows, %v", len(rows), others["end"])
	}
}

// TestADiskThatIsFull: the run ends, and says why.
func TestADiskThatIsFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	command, said, _ := k6(t, script(gateway(t).URL, "export default function () { client.ask(ask) }", "{}"))
	for i, argument := range command.Args {
		if strings.HasPrefix(argument, "assay=") {
			command.Args[i] = "assay=/dev/full"
		}
	}
	if err := command.Run(); err == nil || !strings.Contains(said.String(), "no space left") {
		t.Errorf("%v\n%s", err, said)
	}
}

// TestWhatMetricsLeaveOut: a request that a cap held back is no failure of the gateway, and a refusal has no time to first
// byte that could be set beside those of answers.
func TestWhatMetricsLeaveOut(t *testing.T) {
	url := gateway(t).URL
	command, said, _ := k6(t, script(url, `
const capped = new Client({ url: '`+url+`', dialect: 'openai-chat', headers: {}, secrets: [], caps: { requests: 1, tokens: 1e6 } })
export default function () {
  hold('finished', capped.ask(ask).outcome === 'finished')
  hold('capped', capped.ask(ask).error.class === 'capped')
}`, `{ thresholds: { assay_unsuccessful: ['rate==0'], 'assay_errors{error:capped}': ['count==1'] } }`))
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	command, said, _ = k6(t, script(url+"/refuse", `export default function () { client.ask(ask) }`,
		`{ thresholds: { assay_unsuccessful: ['rate==1'], assay_time_to_first_byte: ['max<=0'] } }`))
	if err := command.Run(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
