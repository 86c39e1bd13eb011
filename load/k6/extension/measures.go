package extension

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"go.k6.io/k6/lib"
	"go.k6.io/k6/metrics"

	"assay/load/k6/exchange"
	"assay/load/k6/rows"
)

// measuresText is the list of our metrics in k6, with the names of OpenTelemetry's conventions where those have one: their
// dots are underscores, as k6 allows no dots, and times are in ms, as all times of k6 are.
//
//go:embed measures.json
var measuresText []byte

// measures are our metrics in k6's registry, by name.
type measures map[string]*metrics.Metric

func registerMeasures(registry *metrics.Registry) (measures, error) {
	var list []struct {
		Name string `json:"name"`
		Type string `json:"type"`
		Unit string `json:"unit"`
	}
	if err := json.Unmarshal(measuresText, &list); err != nil {
		return nil, err
	}
	types := map[string]metrics.MetricType{"trend": metrics.Trend, "counter": metrics.Counter, "rate": metrics.Rate}
	all := measures{}
	for _, m := range list {
		kind, isKnown := types[m.Type]
		if !isKnown {
			return nil, fmt.Errorf("measures.json: %s: no type %q", m.Name, m.Type)
		}
		contains := metrics.Default
		if m.Unit == "ms" {
			contains = metrics.Time
		}
		metric, err := registry.NewMetric(m.Name, kind, contains)
		if err != nil {
			return nil, err
		}
		all[m.Name] = metric
	}
	return all, nil
}

// batch collects the samples of one request, which go to k6 together.
type batch struct {
	measures measures
	tags     *metrics.TagSet
	at       time.Time
	samples  metrics.Samples
	// Gaps between tokens and chunks, where they are wanted.
	gaps []gapOf
}

type gapOf struct {
	ns     int64
	tokens int32 // 0: between chunks
}

func (b *batch) add(name string, value float64, tags *metrics.TagSet) {
	metric := b.measures[name]
	b.samples = append(b.samples, metrics.Sample{
		TimeSeries: metrics.TimeSeries{Metric: metric, Tags: tags}, Time: b.at, Value: value,
	})
}

// time adds a time in ns, where it is known.
func (b *batch) time(name string, ns int64) {
	if ns != rows.Unknown {
		b.add(name, float64(ns)/float64(time.Millisecond), b.tags)
	}
}

// count adds a number, where it is known.
func (b *batch) count(name string, n int64, tags *metrics.TagSet) {
	if n != rows.Unknown {
		b.add(name, float64(n), tags)
	}
}

// rate adds a yes or no.
func (b *batch) rate(name string, is bool) {
	value := 0.0
	if is {
		value = 1
	}
	b.add(name, value, b.tags)
}

// leave gives the samples of a request to k6. The virtual user still waits for the request, so k6 still takes them.
func (c *client) leave(b *batch, a *exchange.Answer, state *lib.State, more map[string]string) {
	r := &a.Row
	b.measures, b.at = c.instance.metrics, time.Now()
	b.tags = state.Tags.GetCurrentValues().Tags.WithTagsFromMap(c.options.Tags).WithTagsFromMap(more).
		With("model", r.Model).With("phase", r.Phase).With("scenario", r.Scenario).With("status", statusTag(r.Status))
	b.row(a)
	for _, gap := range b.gaps {
		b.gap(gap)
	}
	state.Samples <- b.samples
}

func statusTag(status int64) string {
	if status == rows.Unknown {
		return "0"
	}
	return strconv.FormatInt(status, 10)
}

func (b *batch) row(a *exchange.Answer) {
	r := &a.Row
	b.count("assay_requests", 1, b.tags.With("outcome", r.Outcome))
	if r.Error != "" {
		b.count("assay_errors", 1, b.tags.With("error", r.Error))
	}
	isLeft := r.Outcome == "hung-up" || r.Outcome == "stopped"
	if !isLeft && r.Error != "capped" {
		b.rate("assay_unsuccessful", r.Outcome != "finished")
	}
	if r.Planned != rows.Unknown {
		b.time("assay_start_delay", r.Start-r.Planned)
	}
	if r.Stream && r.Status >= 200 && r.Status < 300 {
		b.rate("assay_broken", len(r.Broken) > 0)
		if a.FirstChunk != rows.Unknown {
			b.time("gen_ai_client_operation_time_to_first_chunk", r.Connect+r.Write+a.FirstChunk)
		}
	}
	if r.NonceSent != "" && r.Nonce != "" {
		b.rate("assay_cross_talk", r.Nonce == "foreign")
	}
	b.time("assay_meter_lag", r.Lag)
	// An answer that went wrong has no times that could be set beside those of others: a refusal is quick.
	if r.Outcome != "finished" && !(isLeft && r.Status/100 == 2) {
		return
	}
	b.time("assay_time_to_first_byte", r.FirstByte)
	b.time("assay_time_to_first_token", r.FirstToken.High)
	b.time("assay_time_to_first_answer_token", r.FirstAnswer)
	b.time("assay_longest_stall", r.Stall.High)
	if isLeft {
		return
	}
	b.time("assay_time_per_output_token", r.PerOutputToken)
	b.count("gen_ai_client_token_usage", r.PromptTokens, b.tags.With("gen_ai_token_type", "input"))
	b.count("gen_ai_client_token_usage", r.CompletionTokens, b.tags.With("gen_ai_token_type", "output"))
	if r.EndToEnd == rows.Unknown {
		return
	}
	b.time("assay_end_to_end", r.EndToEnd)
	b.time("gen_ai_client_operation_duration", r.Connect+r.Write+r.EndToEnd)
	if r.CompletionTokens > 0 && r.EndToEnd > 0 {
		b.add("assay_output_tokens_per_second", float64(r.CompletionTokens)/(float64(r.EndToEnd)/float64(time.Second)), b.tags)
	}
}

func (b *batch) gap(g gapOf) {
	if g.tokens == 0 {
		b.time("gen_ai_client_operation_time_per_output_chunk", g.ns)
		return
	}
	for range g.tokens {
		b.time("assay_inter_token_latency", g.ns/int64(g.tokens))
	}
}

// dropped counts a request that was never sent: for want of a stream, its user got no answer; by a cap, it was our will.
func (c *client) dropped(state *lib.State, d *dropped) {
	tags := state.Tags.GetCurrentValues().Tags.WithTagsFromMap(c.options.Tags).
		With("phase", d.Phase).With("scenario", c.scenario())
	b := batch{measures: c.instance.metrics, at: time.Now(), tags: tags}
	b.count("assay_dropped", 1, tags.With("why", d.Why))
	if d.Why == "streams" {
		b.rate("assay_unsuccessful", true)
	}
	state.Samples <- b.samples
}
