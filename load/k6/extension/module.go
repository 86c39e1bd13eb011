// Package extension is k6/x/assay, and k6's output of the same name.
package extension

import (
	"errors"
	"fmt"

	"github.com/grafana/sobek"
	"go.k6.io/k6/js/common"
	"go.k6.io/k6/js/modules"
	"go.k6.io/k6/output"

	"assay/load/k6/clock"
	"assay/load/k6/exchange"
)

func init() {
	modules.Register("k6/x/assay", new(rootModule))
	output.RegisterExtension("assay", newOutput)
}

// rootModule is the same for all virtual users.
type rootModule struct{}

// instance is the module of one virtual user.
type instance struct {
	vu      modules.VU
	metrics measures
	// Of the iteration under way.
	stopper *stopperOf
}

// NewModuleInstance is called once for each virtual user.
func (*rootModule) NewModuleInstance(vu modules.VU) modules.Instance {
	i := &instance{vu: vu}
	if env := vu.InitEnv(); env != nil {
		var err error
		if i.metrics, err = registerMeasures(env.Registry); err != nil {
			common.Throw(vu.Runtime(), err)
		}
	}
	return i
}

// Exports are what a script imports.
func (i *instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{
		"Client": i.newClient,
		"now":    func() float64 { return float64(clock.Now()/1000) / 1000 },
		"note":   i.note,
		"gap":    gap,
	}}
}

// note writes a line of the scenario's own into the samples: what the rows cannot tell.
func (i *instance) note(name string, value sobek.Value) error {
	text, err := jsonOf(value)
	if err != nil {
		return fmt.Errorf("note %s: %w", name, err)
	}
	run.add("note", map[string]any{"at_us": clock.Now() / 1000, "name": name, "value": text})
	return nil
}

// gap is a quantile of all gaps of a phase so far in µs: of tokens (itl) or chunks (icl); null where there were none.
func gap(kind, phase string, quantile float64) any {
	if f := run.file.Load(); f != nil {
		if us, isSome := f.Quantile(kind, phase, quantile); isSome {
			return us
		}
	}
	return nil
}

// client is the Client of scripts.
type client struct {
	instance *instance
	core     *exchange.Client
	options  *clientOptions
}

// newClient is `new Client(options)`.
func (i *instance) newClient(call sobek.ConstructorCall) *sobek.Object {
	rt := i.vu.Runtime()
	options, err := readOptions(call.Argument(0))
	if err != nil {
		common.Throw(rt, fmt.Errorf("assay.Client: %w", err))
	}
	core, err := run.client(options)
	if err != nil {
		common.Throw(rt, fmt.Errorf("assay.Client: %w", err))
	}
	c := &client{instance: i, core: core, options: options}
	object := rt.NewObject()
	for name, method := range map[string]any{"ask": c.ask, "askAsync": c.askAsync, "drop": c.drop} {
		if err := object.Set(name, method); err != nil {
			common.Throw(rt, err)
		}
	}
	return object
}

// errInit: the init context is run for each virtual user, before any plan.
var errInit = errors.New("nothing is asked in the init context")

// ask asks, and the virtual user waits.
func (c *client) ask(ask sobek.Value) (*sobek.Object, error) {
	start := clock.Now()
	if c.instance.vu.State() == nil {
		return nil, errInit
	}
	s := c.instance.stopperNow()
	defer s.done()
	request, tags, err := c.read(ask)
	if err != nil {
		return nil, err
	}
	b := c.batch(request)
	answer := c.core.Do(request, s.stopper, start)
	c.leave(b, answer, c.instance.vu.State(), tags)
	return newResult(c.instance.vu.Runtime(), answer), nil
}

// askAsync asks, and gives a promise of the result: one virtual user drives many streams.
func (c *client) askAsync(ask sobek.Value) (*sobek.Promise, error) {
	start := clock.Now()
	if c.instance.vu.State() == nil {
		return nil, errInit
	}
	s := c.instance.stopperNow()
	request, tags, err := c.read(ask)
	if err != nil {
		s.done()
		return nil, err
	}
	rt, state, b := c.instance.vu.Runtime(), c.instance.vu.State(), c.batch(request)
	promise, resolve, _ := rt.NewPromise()
	enqueue := c.instance.vu.RegisterCallback()
	go func() {
		answer := c.core.Do(request, s.stopper, start)
		s.done()
		c.leave(b, answer, state, tags)
		enqueue(func() error { return resolve(newResult(rt, answer)) })
	}()
	return promise, nil
}

// batch is where a request leaves its samples.
func (c *client) batch(ask *exchange.Ask) *batch {
	b := new(batch)
	if each := c.options.TokenSamples; ask.Stream && (each == nil || *each) {
		ask.EachGap = func(ns int64, tokens int32) { b.gaps = append(b.gaps, gapOf{ns, tokens}) }
	}
	return b
}

// drop notes a request of an open model that was never sent.
func (c *client) drop(value sobek.Value) error {
	var d dropped
	if err := decode(value, &d); err != nil {
		return fmt.Errorf("drop: %w", err)
	}
	line := map[string]any{"at_us": clock.Now() / 1000, "planned_us": int64(d.Planned * 1000), "why": d.Why}
	if d.Phase != "" {
		line["phase"] = d.Phase
	}
	run.add("dropped", line)
	if state := c.instance.vu.State(); state != nil {
		c.dropped(state, &d)
	}
	return nil
}

type dropped struct {
	Planned float64 `json:"planned_ms"`
	Phase   string  `json:"phase"`
	Why     string  `json:"why"`
}
