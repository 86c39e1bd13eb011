package extension

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/grafana/sobek"

	"assay/load/k6/exchange"
	"assay/load/k6/rows"
)

// read reads an ask of a script, and the tags of its samples. It is done once a request, so without the detour over JSON.
func (c *client) read(value sobek.Value) (*exchange.Ask, map[string]string, error) {
	object, isObject := value.(*sobek.Object)
	if !isObject {
		return nil, nil, errNoObject
	}
	a := &exchange.Ask{
		MaxTokens: rows.Unknown, PromptTokens: rows.Unknown, Planned: rows.Unknown, Scenario: c.scenario(),
	}
	var tags map[string]string
	for _, key := range object.Keys() {
		value := object.Get(key)
		if sobek.IsUndefined(value) || sobek.IsNull(value) {
			continue
		}
		if err := set(a, &tags, key, value); err != nil {
			return nil, nil, fmt.Errorf("ask: %s: %w", key, err)
		}
	}
	if a.Body == nil {
		return nil, nil, errors.New("ask: no body")
	}
	return a, tags, nil
}

// set sets one key of an ask. One that is not known is an error, so that a slip does not pass for a default.
func set(a *exchange.Ask, tags *map[string]string, key string, value sobek.Value) (err error) {
	switch key {
	case "body":
		a.Body, err = bodyOf(value)
	case "stream":
		a.Stream, err = boolean(value)
	case "nonce":
		a.Nonce, err = text(value)
	case "key":
		a.Key, err = text(value)
	case "model":
		a.Model, err = text(value)
	case "phase":
		a.Phase, err = text(value)
	case "headers":
		a.Headers, err = texts(value)
	case "secrets":
		a.Secrets, err = list(value)
	case "tags":
		*tags, err = texts(value)
	case "max_tokens":
		a.MaxTokens, err = whole(value)
	case "prompt_tokens":
		a.PromptTokens, err = whole(value)
	case "planned_ms":
		var ms float64
		ms, err = number(value)
		a.Planned = int64(ms * float64(time.Millisecond))
	case "stall_ms":
		a.Stall, err = duration(value)
	case "keep_text":
		a.KeepText, err = boolean(value)
	case "cancel":
		err = setCancel(a, value)
	default:
		err = errors.New("is no key of it")
	}
	return err
}

func setCancel(a *exchange.Ask, value sobek.Value) (err error) {
	object, isObject := value.(*sobek.Object)
	if !isObject {
		return errNoObject
	}
	for _, key := range object.Keys() {
		value := object.Get(key)
		switch {
		case sobek.IsUndefined(value) || sobek.IsNull(value):
		case key == "tokens":
			a.CancelTokens, err = whole(value)
		case key == "ms":
			a.CancelAfter, err = duration(value)
		default:
			err = fmt.Errorf("%s is no key of it", key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func boolean(value sobek.Value) (bool, error) {
	is, isBoolean := value.Export().(bool)
	if !isBoolean {
		return false, errors.New("takes true or false")
	}
	return is, nil
}

func text(value sobek.Value) (string, error) {
	s, isText := value.Export().(string)
	if !isText {
		return "", errors.New("takes a text")
	}
	return s, nil
}

func number(value sobek.Value) (float64, error) {
	switch n := value.Export().(type) {
	case int64:
		return float64(n), nil
	case float64:
		if !math.IsNaN(n) && !math.IsInf(n, 0) {
			return n, nil
		}
	}
	return 0, errors.New("takes a number")
}

// whole is a number from 0 without a fraction.
func whole(value sobek.Value) (int64, error) {
	n, err := number(value)
	if err != nil || n != math.Trunc(n) || n < 0 || n > 1<<53 {
		return 0, errors.New("takes a whole number")
	}
	return int64(n), nil
}

func duration(value sobek.Value) (time.Duration, error) {
	ms, err := number(value)
	return millis(ms, 0), err
}

// texts is an object of texts.
func texts(value sobek.Value) (map[string]string, error) {
	object, isObject := value.(*sobek.Object)
	if !isObject {
		return nil, errNoObject
	}
	all := map[string]string{}
	for _, key := range object.Keys() {
		s, err := text(object.Get(key))
		if err != nil {
			return nil, fmt.Errorf("%s %w", key, err)
		}
		all[key] = s
	}
	return all, nil
}

// list is an array of texts.
func list(value sobek.Value) ([]string, error) {
	items, isList := value.Export().([]any)
	if !isList {
		return nil, errors.New("takes an array of texts")
	}
	all := make([]string, len(items))
	for i, item := range items {
		s, isText := item.(string)
		if !isText {
			return nil, errors.New("takes an array of texts")
		}
		all[i] = s
	}
	return all, nil
}

// bodyOf is the body of a request: a text as it is, an object as JSON, with its keys in their order.
func bodyOf(value sobek.Value) ([]byte, error) {
	if object, isObject := value.(*sobek.Object); isObject {
		return object.MarshalJSON()
	}
	s, err := text(value)
	return []byte(s), err
}

// scenario is the name that rows and tags have.
func (c *client) scenario() string {
	if name := c.options.Tags["scenario"]; name != "" {
		return name
	}
	if state := c.instance.vu.State(); state != nil {
		if name, isSet := state.Tags.GetCurrentValues().Tags.Get("scenario"); isSet {
			return name
		}
	}
	return ""
}
