package tape

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

func parsed(t testing.TB, text string) *Doc {
	t.Helper()
	d := new(Doc)
	if !d.Parse([]byte(text)) {
		t.Fatalf("%.100q is JSON", text)
	}
	return d
}

// plain is a value as encoding/json makes it.
func (d *Doc) plain(v int32) any {
	switch d.Kind(v) {
	case Bool:
		return d.Bool(v)
	case Number:
		return d.Float(v)
	case String:
		return string(d.Text(v, nil))
	case Array:
		list := []any{}
		for e := d.First(v); e >= 0; e = d.Next(v, e) {
			list = append(list, d.plain(e))
		}
		return list
	case Object:
		object := map[string]any{}
		for i := v + 1; i < d.nodes[v].next; i = d.nodes[i+1].next {
			object[string(d.Text(i, nil))] = d.plain(i + 1)
		}
		return object
	}
	return nil
}

var texts = []string{
	`{}`, `[]`, `""`, `0`, `-0`, `-1.5e+3`, `true`, `false`, `null`, " \t\r\n[1 , 2]\n", `{"a":{"b":[1,{"c":null}]},"d":"e"}`,
	`"\"\\\/\b\f\n\r\t"`, `"\u00e9\u4f60\ud83d\ude00"`, `"你好 😀"`, `{"a":1,"a":2}`, `{"\u0061":1}`, `[[[[[[]]]]]]`,
	`"eight by"`, `"eight b\u0079te"`, `"seventeen bytes \\"`, `12345678901234567890`, `123456789012345`, `1234567890123456`,
	`0.1`, `1E2`, `[{},{},[],[[]]]`, "\"\x7f\"", `{"":0}`,
	// Not JSON.
	``, ` `, `{`, `}`, `[`, `]`, `[1`, `[1,`, `[1,]`, `[,1]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a" 1}`, `{a:1}`, `{1:1}`,
	`01`, `1.`, `.5`, `-`, `+1`, `1e`, `1e+`, `tru`, `truee`, `nul`, `nan`, `Infinity`, `"`, `"a`, `"\`, `"\x"`, `"\u12"`,
	`"\u123g"`, "\"\t\"", "\"a long one and then \x01\"", "\"12345678\x1f12345678\"", `1 2`, `[] []`, `[1}`, `{"a":1]`, "\ufeff1", `'a'`, `[1 2]`, `"a" "b"`,
	`{"a":1 "b":2}`, "\x00", "1\x00",
}

func FuzzParse(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	d := new(Doc)
	f.Fuzz(func(t *testing.T, text []byte) {
		valid := json.Valid(text)
		if !d.ParseDeep(text) {
			if valid {
				t.Fatalf("%q is JSON", text)
			}
			return
		}
		if !valid {
			t.Fatalf("%q is no JSON", text)
		}
		var want any
		// Lone surrogates and bytes that are no UTF-8 it reads as U+FFFD, and it refuses what a double cannot hold.
		if json.Unmarshal(text, &want) != nil {
			return
		}
		got := d.plain(0)
		if strings.ToValidUTF8(string(text), "") != string(text) || strings.Contains(string(text), `\u`) {
			return
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: %v, not %v", text, got, want)
		}
	})
}

func TestReadsAsJavaScriptDoes(t *testing.T) {
	for text, want := range map[string]any{
		`{"a":1,"b":0,"\u0061":2}`:   map[string]any{"a": 2.0, "b": 0.0},
		`"\ud83d\ude00"`:             "😀",
		`"\ud83d"`:                   "\xed\xa0\xbd",
		`"\ude00\ud83d"`:             "\xed\xb8\x80\xed\xa0\xbd",
		`"\ud83d\ud83d\ude00"`:       "\xed\xa0\xbd😀",
		`"\ud83d\n"`:                 "\xed\xa0\xbd\n",
		`"\u0000\u00e9\uFFFD"`:       "\x00é\ufffd",
		`[1e400,-1e400]`:             []any{math.Inf(1), math.Inf(-1)},
		`[9007199254740993,1e0,-0]`:  []any{9007199254740992.0, 1.0, math.Copysign(0, -1)},
		`"\"\\\/\b\f\n\r\t"`:         "\"\\/\b\f\n\r\t",
		`{"a":{"x":1},"a":{"y":[]}}`: map[string]any{"a": map[string]any{"y": []any{}}},
	} {
		d := parsed(t, text)
		if got := d.plain(0); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, not %q", text, got, want)
		}
	}
}

func TestAt(t *testing.T) {
	d := parsed(t, `{"a":[{"b":"x"},[1,2,3]],"a.b":0,"c":"text","0":"zero","\u0064":null,"a2":1,"c":[]}`)
	for path, want := range map[string]any{
		"":      Object,
		"a":     Array,
		"a.0.b": "x",
		"a.1.2": 3.0,
		"a.1.3": Missing,
		"a.b":   Missing,
		"a.2":   Missing,
		"a.0.0": Missing,
		"c":     Array, // the last one
		"c.0":   Missing,
		"0":     "zero",
		"d":     Null,
		"d.e":   Missing,
		"e":     Missing,
	} {
		p, err := ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		v := d.At(0, p)
		var got any = d.Kind(v)
		switch want.(type) {
		case string, float64:
			got = d.plain(v)
		}
		if got != want {
			t.Errorf("%s: %v, not %v", path, got, want)
		}
	}
	for _, bad := range []string{".", "a.", ".a", "a..b", "1a", "0x1", "99999999999"} {
		if _, err := ParsePath(bad); err == nil {
			t.Errorf("%q is no path", bad)
		}
	}
	if p, _ := ParsePath("a"); d.At(None, p) != None {
		t.Error("there is nothing in what is not there")
	}
}

func TestIndex(t *testing.T) {
	for text, want := range map[string]int64{
		`0`: 0, `-0`: 0, `1.0`: 1, `1e2`: 100, `9007199254740991`: 1<<53 - 1,
		`9007199254740992`: -1, `-1`: -1, `0.5`: -1, `1e400`: -1, `"1"`: -1, `null`: -1, `true`: -1, `[0]`: -1,
	} {
		d := parsed(t, text)
		got, ok := d.Index(0)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%s: %d, not %d", text, got, want)
		}
	}
}

func TestBounds(t *testing.T) {
	d := new(Doc)
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if !d.Parse(nested(Depth)) || d.Parse(nested(Depth+1)) || d.Root() != None || d.Valid() {
		t.Error("depth")
	}
	if !d.ParseDeep(nested(1_000_000)) {
		t.Error("no bound")
	}
	list := func(n int) []byte { return []byte("[" + strings.Repeat("1,", n-1) + "1]") }
	if !d.Parse(list(Values-1)) || d.Parse(list(Values)) || !d.ParseDeep(list(Values)) {
		t.Error("values")
	}
}

func TestEmpty(t *testing.T) {
	for text, want := range map[string][2]bool{
		`""`: {true, true}, `"\u0000"`: {false, true}, `[]`: {true, true}, `[[]]`: {false, true}, `{}`: {true, true},
		`{"a":1}`: {false, true}, `0`: {false, false}, `null`: {false, false}, `false`: {false, false},
	} {
		empty, ok := parsed(t, text).Empty(0)
		if [2]bool{empty, ok} != want {
			t.Errorf("%s: %v, %v", text, empty, ok)
		}
	}
}

const chunk = `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763790000,"model":"gpt-4.1-mini",` +
	`"choices":[{"index":0,"delta":{"content":" token"},"logprobs":null,"finish_reason":null}]}`

func BenchmarkParse(b *testing.B) {
	d := new(Doc)
	text := []byte(chunk)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		d.Parse(text)
	}
}
