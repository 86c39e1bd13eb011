package meter

import (
	"reflect"
	"testing"

	"assay/load/k6/grammar"
	"assay/load/k6/sse"
	"assay/load/k6/tape"
)

const ms = 1_000_000

// epoch is what the real-time clock shows when the monotonic one shows 0.
const epoch = 1_763_790_000_000 * ms

func dialect(t testing.TB, name string) *Dialect {
	all, err := Dialects()
	if err != nil {
		t.Fatal(err)
	}
	if all[name] == nil {
		t.Fatalf("no dialect %q", name)
	}
	return all[name]
}

// step is one read of a stream. Times are ms of the monotonic clock.
type step struct {
	asked, returned, kernel float64 // kernel < 0: no stamp
	text                    string  // of the body; none: a read of the head only
	filled                  bool
	set                     float64 // by how much the real-time clock was set before, for this and the steps after it
	stampSet                float64 // by how much it was set when the bytes came
}

func ns(t float64) int64 { return int64(t * ms) }

// play sends a request at 10 ms and gives the reads to a meter.
func play(t testing.TB, name string, how Transport, steps ...step) *Meter {
	m := New(dialect(t, name))
	m.Sent(Moment{ns(10), epoch + ns(10)})
	r := sse.New(sse.Bounds{})
	var doc tape.Doc
	var e sse.Event
	set := 0.0
	for n, s := range steps {
		set += s.set
		kernel := Unknown
		if s.kernel >= 0 {
			kernel = epoch + ns(s.kernel+s.stampSet)
		}
		m.Read(Read{
			Asked: ns(s.asked), Returned: Moment{ns(s.returned), epoch + ns(s.returned+set)}, Kernel: kernel,
			Filled: s.filled, Body: len(s.text),
		})
		r.Feed([]byte(s.text), n)
		for r.Next(&e) {
			doc.Parse(e.Data)
			m.Event(&grammar.Event{Type: e.Type, Data: e.Data, JSON: &doc}, e.End)
		}
	}
	m.End(how)
	return m
}

func delta(members string) string {
	return `data: {"choices":[{"index":0,"delta":{` + members + `}}]}` + "\n\n"
}

var (
	role     = delta(`"role":"assistant","content":""`)
	token    = delta(`"content":"a"`)
	thought  = delta(`"reasoning_content":"hm"`)
	toolCall = delta(`"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]`)
	usage    = `data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,` +
		`"completion_tokens_details":{"reasoning_tokens":2}}}` + "\n\n"
	done = "data: [DONE]\n\n"
)

// at is a read that was waiting when its bytes came at t, and woke 1 ms later.
func at(t float64, text string) step {
	return step{asked: t + 0.5, returned: t + 1, kernel: t, text: text}
}

func exactly(t float64) Bound { return Bound{ns(t), ns(t)} }

func equal(t *testing.T, name string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, not %v", name, got, want)
	}
}

type gap struct {
	gap    int64
	tokens int32
}

func gaps(m *Meter) (list []gap) {
	m.EachTokenGap(func(g int64, tokens int32) { list = append(list, gap{g, tokens}) })
	return list
}

func TestAStreamReadInTime(t *testing.T) {
	m := play(t, "openai-chat", Complete,
		at(60, ""), at(61, role), at(110, thought), at(130, thought), at(180, token), at(200, ": keep-alive\n\n"),
		at(210, token), at(211, usage), at(212, done))
	f := m.Figures()
	equal(t, "first byte", f.FirstByte, ns(50))
	equal(t, "first token", f.FirstToken, exactly(100))
	equal(t, "first kind", f.FirstKind, Reasoning)
	equal(t, "first answer", f.FirstAnswer, exactly(170))
	equal(t, "end to end", f.EndToEnd, ns(202))
	// (202 − 100) / (5 − 1)
	equal(t, "per output token", f.PerOutputToken, ns(25.5))
	equal(t, "stall", f.Stall, exactly(50))
	equal(t, "tokens", []int64{f.Tokens, f.InputTokens, f.OutputTokens, f.ReasoningTokens}, []int64{4, 7, 5, 2})
	equal(t, "reads", []int64{f.Reads, f.Chunks, f.TokenChunks, f.Events, f.Stamped}, []int64{9, 8, 4, 7, 9})
	equal(t, "lag", f.MaxLag, ns(1))
	equal(t, "outcome", f.Outcome, Finished)
	// The comment at 200 is a chunk and no token: the gap of the token at 210 is 30 ms.
	equal(t, "token gaps", gaps(m), []gap{{ns(20), 1}, {ns(50), 1}, {ns(30), 1}})
	var between []int64
	for _, c := range m.Chunks() {
		between = append(between, c.Gap)
	}
	equal(t, "gaps", between, []int64{Unknown, ns(49), ns(20), ns(50), ns(20), ns(10), ns(1), ns(1)})
}

func TestCoalescedTokensHaveBounds(t *testing.T) {
	m := play(t, "openai-chat", Complete,
		at(60, role),
		// Two tokens read together, late: the stamp is of the second. The first came after the read before was asked for.
		step{asked: 130, returned: 130, kernel: 110, text: token + token},
		// Three more; the read before was asked for at 130, so they came after that.
		step{asked: 190, returned: 190, kernel: 170, text: token + token + token},
		at(200, token+done))
	f := m.Figures()
	equal(t, "first token", f.FirstToken, Bound{ns(50.5), ns(100)})
	equal(t, "coalesced", []int64{f.CoalescedChunks, f.CoalescedTokens, f.Tokens}, []int64{2, 5, 6})
	equal(t, "token gaps", gaps(m), []gap{{0, 1}, {ns(60), 3}, {ns(30), 1}})
	// 60 ms over three tokens, 30 ms over one: the stall is 30 ms if the three came evenly, 60 if one took it all.
	equal(t, "stall", f.Stall, Bound{ns(30), ns(60)})
	equal(t, "lag", f.MaxLag, ns(20))
	equal(t, "per output token without usage", f.PerOutputToken, Unknown)
}

func TestTheLastEventOfAReadIsExact(t *testing.T) {
	f := play(t, "openai-chat", Complete, at(60, role+token)).Figures()
	equal(t, "at the end of the read", f.FirstToken, exactly(50))
	f = play(t, "openai-chat", Complete, at(60, token+`data: {"cho`)).Figures()
	equal(t, "with a part of the next behind it", f.FirstToken, Bound{0, ns(50)})
	f = play(t, "openai-chat", Complete,
		step{asked: 50, returned: 61, kernel: 60, filled: true, text: token}).Figures()
	equal(t, "in a read that was full", f.FirstToken, Bound{0, ns(50)})
}

func TestAFullReadLeavesBytesBehind(t *testing.T) {
	f := play(t, "openai-chat", Complete,
		step{asked: 50, returned: 50, kernel: 40, filled: true, text: role},
		// There before the read at 50, though it was asked for after that: its stamp holds.
		step{asked: 51, returned: 51, kernel: 40, text: token}).Figures()
	equal(t, "first token", f.FirstToken, exactly(30))
	equal(t, "lag", f.MaxLag, ns(11))
}

func TestWithoutStampsTheReadIsAllThatIsKnown(t *testing.T) {
	m := play(t, "openai-chat", Complete,
		step{asked: 20, returned: 60, kernel: -1, text: role}, step{asked: 61, returned: 110, kernel: -1, text: token},
		step{asked: 111, returned: 131, kernel: -1, text: token + done})
	f := m.Figures()
	equal(t, "first byte", f.FirstByte, ns(50))
	equal(t, "first token", f.FirstToken, Bound{ns(10), ns(100)})
	equal(t, "token gaps", gaps(m), []gap{{ns(21), 1}})
	equal(t, "stamps", []int64{f.Stamped, f.MaxLag}, []int64{0, Unknown})
}

func TestStampsOutsideOfThePossible(t *testing.T) {
	m := play(t, "openai-chat", Complete,
		step{asked: 60.5, returned: 61, kernel: 60, text: token},
		// A millisecond before the read at 60.5 found nothing more.
		step{asked: 70, returned: 71, kernel: 59.5, text: token},
		// In the future.
		step{asked: 80, returned: 81, kernel: 82, text: token})
	equal(t, "token gaps", gaps(m), []gap{{ns(0.5), 1}, {ns(20.5), 1}})
	m = play(t, "openai-chat", Complete,
		step{asked: 20, returned: 61, kernel: -1, text: token},
		// The read before returned at 61 and has no stamp: these came before that.
		step{asked: 61, returned: 61.2, kernel: 60.8, text: token})
	equal(t, "no gap is negative", gaps(m), []gap{{0, 1}})
}

func TestClockSteps(t *testing.T) {
	for _, c := range []struct {
		name string
		set  float64
	}{{"forwards", 5000}, {"backwards", -5000}, {"a little", 20}} {
		t.Run(c.name, func(t *testing.T) {
			late := at(130, token)
			late.set = c.set // after its bytes came and before it was read: the stamp is of the clock before
			after := at(150, token+done)
			after.stampSet = c.set
			m := play(t, "openai-chat", Complete, at(60, role), at(110, token), late, after)
			f := m.Figures()
			equal(t, "steps", f.ClockSteps, int64(1))
			equal(t, "stamps used", f.Stamped, int64(3))
			// 131: when that read returned, for want of a stamp that can be trusted.
			equal(t, "token gaps", gaps(m), []gap{{ns(21), 1}, {ns(19), 1}})
			equal(t, "lag", f.MaxLag, ns(1))
		})
	}
	t.Run("slewed", func(t *testing.T) {
		slow := at(1130, token)
		slow.set, slow.stampSet = 2.5, 2.5 // over one second
		f := play(t, "openai-chat", Complete, at(60, role), at(130, token), slow).Figures()
		equal(t, "steps", f.ClockSteps, int64(0))
		equal(t, "stamps", f.Stamped, int64(3))
	})
	t.Run("before the first read", func(t *testing.T) {
		first := at(60, token)
		first.set = -5000
		f := play(t, "openai-chat", Complete, first).Figures()
		equal(t, "first token", f.FirstToken, Bound{0, ns(51)})
		equal(t, "steps", f.ClockSteps, int64(1))
	})
	t.Run("over a read that was full", func(t *testing.T) {
		full := step{asked: 130, returned: 130, kernel: 120, filled: true, text: token, set: 5000}
		// Its bytes may have come before the clock was set.
		rest := step{asked: 131, returned: 131, kernel: 120, text: token}
		f := play(t, "openai-chat", Complete, at(60, role), full, rest).Figures()
		equal(t, "stamps", f.Stamped, int64(1))
		equal(t, "steps", f.ClockSteps, int64(1))
	})
}

func TestOutcomes(t *testing.T) {
	failed := "data: {\"error\":{\"message\":\"x\"}}\n\n"
	for _, c := range []struct {
		name string
		how  Transport
		text string
		want Outcome
		word string
	}{
		{"said its end", Complete, token + done, Finished, "finished"},
		{"said its end, and the connection broke after that", Broken, token + done, Finished, "finished"},
		{"ended in order without an end", Complete, token, Unfinished, "unfinished"},
		{"broke off", Broken, token, CutOff, "cut-off"},
		{"broke off in the end marker", Broken, token + "data: [DONE]\n", CutOff, "cut-off"},
		{"we left", Cancelled, token, HungUp, "hung-up"},
		{"said an error", Complete, token + failed + done, Failed, "failed"},
		{"said an error and broke off", Broken, token + failed, Failed, "failed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := play(t, "openai-chat", c.how, at(60, c.text)).Figures().Outcome
			equal(t, "outcome", []string{got.String()}, []string{c.word})
			equal(t, "outcome", got, c.want)
		})
	}
}

func TestWhatIsAToken(t *testing.T) {
	block := func(event string) string { return "event: x\ndata: " + event + "\n\n" }
	for _, c := range []struct {
		dialect, text string
		want          Kind
	}{
		{"openai-chat", role, Nothing},
		{"openai-chat", token, Answer},
		{"openai-chat", delta(`"refusal":"no"`), Answer},
		{"openai-chat", thought, Reasoning},
		{"openai-chat", delta(`"reasoning_content":"","content":null`), Nothing},
		{"openai-chat", delta(`"reasoning":"hm","content":"a"`), Reasoning | Answer},
		{"openai-chat", toolCall, Tool},
		{"openai-chat", delta(`"tool_calls":[{"index":0},{"index":1,"function":{"arguments":"{"}}]`), Tool},
		{"openai-chat", delta(`"tool_calls":[{"index":0,"custom":{"input":"x"}}]`), Tool},
		{"openai-chat", delta(`"function_call":{"arguments":"{"}`), Tool},
		{"openai-chat", `data: {"choices":[{"delta":{}},{"index":1,"delta":{"content":"b"}}]}` + "\n\n", Answer},
		{"openai-chat", usage, Nothing},
		{"openai-chat", done, Nothing},
		{"openai-chat", "data: text\n\n", Nothing},
		{"anthropic-messages", block(`{"type":"ping"}`), Nothing},
		{"anthropic-messages", block(`{"type":"content_block_start","content_block":{"type":"text","text":""}}`), Nothing},
		{"anthropic-messages", block(`{"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}`), Answer},
		{"anthropic-messages", block(`{"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"a"}}`), Reasoning},
		{"anthropic-messages", block(`{"type":"content_block_delta","delta":{"type":"signature_delta","signature":"a"}}`), Nothing},
		{"anthropic-messages", block(`{"type":"content_block_start","content_block":{"type":"tool_use","name":"f","input":{}}}`), Tool},
		{"anthropic-messages", block(`{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{"}}`), Tool},
		{"anthropic-messages", block(`{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":""}}`), Nothing},
		{"anthropic-messages", block(`{"type":"message_delta","delta":{"stop_reason":"end_turn"}}`), Nothing},
		{"raw", "data: text\n\n", Answer},
		{"raw", "data\n\n", Nothing},
		{"raw", ": ping\n\n", Nothing},
	} {
		f := play(t, c.dialect, Complete, at(60, c.text)).Figures()
		want := int64(1)
		if c.want == Nothing {
			want = 0
		}
		if f.Tokens != want || f.FirstKind != c.want {
			t.Errorf("%s: %q: %d tokens, %b, not %b", c.dialect, c.text, f.Tokens, f.FirstKind, c.want)
		}
	}
}

func TestMessages(t *testing.T) {
	event := func(data string) string { return "event: x\ndata: " + data + "\n\n" }
	m := play(t, "anthropic-messages", Complete,
		at(50, event(`{"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}`)),
		at(70, event(`{"type":"content_block_delta","delta":{"thinking":"a"}}`)),
		at(90, event(`{"type":"content_block_delta","delta":{"text":"a"}}`)),
		at(95, event(`{"type":"message_delta","usage":{"output_tokens":4}}`)),
		at(100, event(`{"type":"message_stop"}`)))
	f := m.Figures()
	equal(t, "first token", f.FirstToken, exactly(60))
	equal(t, "first answer", f.FirstAnswer, exactly(80))
	equal(t, "usage", []int64{f.InputTokens, f.OutputTokens, f.ReasoningTokens}, []int64{9, 4, Unknown})
	// (90 − 60) / (4 − 1)
	equal(t, "per output token", f.PerOutputToken, ns(10))
	equal(t, "outcome", f.Outcome, Finished)
}

func TestNoAnswerAtAll(t *testing.T) {
	f := play(t, "openai-chat", Broken).Figures()
	equal(t, "figures", []any{f.FirstByte, f.FirstToken, f.FirstAnswer, f.EndToEnd, f.Stall, f.Outcome},
		[]any{Unknown, unknown, unknown, Unknown, unknown, CutOff})
	f = play(t, "openai-chat", Complete, at(60, token+done)).Figures()
	equal(t, "one token has no gap", []any{f.Stall, f.PerOutputToken}, []any{unknown, Unknown})
	one := `data: {"choices":[],"usage":{"completion_tokens":1}}` + "\n\n"
	f = play(t, "openai-chat", Complete, at(60, token), at(70, one+done)).Figures()
	equal(t, "one token has no time per token after it", []int64{f.OutputTokens, f.PerOutputToken}, []int64{1, Unknown})
}

func TestAMeterIsUsedAgain(t *testing.T) {
	m := play(t, "openai-chat", Complete, at(60, token), at(70, token+done))
	m.Reset(dialect(t, "openai-chat"))
	m.Sent(Moment{0, epoch})
	m.End(Complete)
	if f := m.Figures(); f.Tokens != 0 || f.FirstToken != unknown || len(m.Chunks()) != 0 || f.Outcome != Unfinished {
		t.Errorf("%+v", f)
	}
}

func prepared(t testing.TB) (m *Meter, event *grammar.Event) {
	text := []byte(token[len("data: ") : len(token)-2])
	doc := new(tape.Doc)
	doc.Parse(text)
	m = New(dialect(t, "openai-chat"))
	m.Sent(Moment{0, epoch})
	return m, &grammar.Event{Type: []byte("message"), Data: text, JSON: doc}
}

func BenchmarkReadAndEvent(b *testing.B) {
	m, event := prepared(b)
	d := m.dialect
	b.ReportAllocs()
	for n := int64(0); b.Loop(); n++ {
		if n%1000 == 0 {
			m.Reset(d)
			m.Sent(Moment{n * ms, epoch + n*ms})
		}
		m.Read(Read{Asked: n * ms, Returned: Moment{n*ms + 10, epoch + n*ms + 10}, Kernel: epoch + n*ms, Body: 100})
		m.Event(event, (n%1000+1)*100)
	}
}
