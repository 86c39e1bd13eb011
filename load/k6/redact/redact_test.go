package redact

import (
	"bytes"
	"strings"
	"testing"

	"assay/load/k6/internal/reference"
)

// TestReference holds the mask to the redactor of records.
func TestReference(t *testing.T) {
	type line struct {
		Name    string
		Secrets []string
		Bytes   []byte
		Masked  []byte
	}
	count := 0
	reference.Read(t, "redact", func(l line) {
		count++
		mask, err := New(l.Secrets)
		if err != nil {
			t.Fatal(err)
		}
		if got := mask.Bytes(l.Bytes); !bytes.Equal(got, l.Masked) {
			t.Errorf("%s: %q\nmasked as  %q\nand not as %q", l.Name, l.Bytes, got, l.Masked)
		}
	})
	if count == 0 && !t.Failed() {
		t.Fatal("no vectors")
	}
}

func TestNothingIsShownOfAShortSecret(t *testing.T) {
	_, err := New([]string{"hunter2"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func TestNoSecrets(t *testing.T) {
	mask, err := New(nil, []string{})
	if err != nil || mask.Text("as it is") != "as it is" {
		t.Errorf("%v", err)
	}
}

func TestWhatWasGivenStays(t *testing.T) {
	mask, err := New([]string{"sk-fake-0123456789"})
	if err != nil {
		t.Fatal(err)
	}
	p := []byte("a sk-fake-0123456789 b")
	if got := string(mask.Bytes(p)); got != "a "+strings.Repeat("*", 18)+" b" || string(p) != "a sk-fake-0123456789 b" {
		t.Errorf("%q, %q", got, p)
	}
}

func TestTextMadeToBeSlowIsNot(t *testing.T) {
	mask, err := New([]string{`sk-fake/"\ä+canary=<&>0123456789`})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat(`\`, 30_000) + strings.Repeat("%73", 10_000)
	if mask.Text(text) != text {
		t.Error("masked what is no secret")
	}
}
