package extension

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/grafana/sobek"

	"assay/load/k6/exchange"
)

// clientOptions are those of `new Client`. Times are ms.
type clientOptions struct {
	URL       string            `json:"url"`
	Dialect   string            `json:"dialect"`
	Grammar   string            `json:"grammar"`
	Headers   map[string]string `json:"headers"`
	Secrets   []string          `json:"secrets"`
	Deadlines struct {
		Connect    float64 `json:"connect_ms"`
		Headers    float64 `json:"headers_ms"`
		FirstToken float64 `json:"first_token_ms"`
		Between    float64 `json:"between_ms"`
		Total      float64 `json:"total_ms"`
		Drain      float64 `json:"drain_ms"`
	} `json:"deadlines"`
	TLS struct {
		CA       string `json:"ca"`
		Insecure bool   `json:"insecure"`
	} `json:"tls"`
	Caps struct {
		Requests int64 `json:"requests"`
		Tokens   int64 `json:"tokens"`
	} `json:"caps"`
	Body int64             `json:"max_body_bytes"`
	Tags map[string]string `json:"tags"`
	// TokenSamples: a k6 sample for each gap between tokens too. k6 keeps every value of a Trend until it ends (8 bytes
	// each, and a sorted copy): not for runs of many million tokens, whose histograms have it anyway.
	TokenSamples *bool `json:"token_samples"`
}

var errNoObject = errors.New("takes an object")

// jsonOf is the JSON text of a value, with its keys in their order.
func jsonOf(value sobek.Value) (json.RawMessage, error) {
	if value == nil || sobek.IsUndefined(value) {
		return json.RawMessage("null"), nil
	}
	if object, isObject := value.(*sobek.Object); isObject {
		return object.MarshalJSON()
	}
	return json.Marshal(value.Export())
}

// decode reads an object; a key that is not known is an error, so that a slip does not pass for a default.
func decode(value sobek.Value, into any) error {
	object, isObject := value.(*sobek.Object)
	if !isObject {
		return errNoObject
	}
	text, err := object.MarshalJSON()
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func readOptions(value sobek.Value) (*clientOptions, error) {
	o := new(clientOptions)
	if err := decode(value, o); err != nil {
		return nil, err
	}
	return o, nil
}

// Deadlines of who sets none.
const (
	connectDeadline = 10 * time.Second
	headersDeadline = 120 * time.Second
	tokenDeadline   = 120 * time.Second
	totalDeadline   = 30 * time.Minute
	drainDeadline   = 10 * time.Second
	mostBody        = 64 << 20
)

func millis(value float64, otherwise time.Duration) time.Duration {
	if value <= 0 || math.IsNaN(value) {
		return otherwise
	}
	return time.Duration(min(value, 1e10) * float64(time.Millisecond))
}

// core is what the engine takes of the options.
func (o *clientOptions) core() exchange.Options {
	d := &o.Deadlines
	body := o.Body
	if body <= 0 {
		body = mostBody
	}
	return exchange.Options{
		URL: o.URL, Dialect: o.Dialect, Grammar: o.Grammar, Headers: o.Headers, Secrets: o.Secrets,
		Deadlines: exchange.Deadlines{
			Connect: millis(d.Connect, connectDeadline), Headers: millis(d.Headers, headersDeadline),
			FirstToken: millis(d.FirstToken, tokenDeadline), Between: millis(d.Between, tokenDeadline),
			Total: millis(d.Total, totalDeadline), Drain: millis(d.Drain, drainDeadline),
		},
		Bounds: exchange.Bounds{Body: body}, CA: o.TLS.CA, Insecure: o.TLS.Insecure,
		Caps: exchange.Caps{Requests: o.Caps.Requests, Tokens: o.Caps.Tokens},
	}
}
