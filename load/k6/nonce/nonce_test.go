package nonce

import (
	"math/rand/v2"
	"regexp"
	"testing"
)

const (
	own   = "assay-0a1b2c3d-00000001"
	other = "assay-0a1b2c3d-00000002"
)

// TestPieces holds the matcher to a search in the whole text, however it is cut.
func TestPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	parts := []string{own, other, own[:9], own[:22], own[5:], "assay-", " ", "x", "assay-0a1b2c3d-0000000g", "ä", "assay-ffffffff-00000001"}
	nonce := regexp.MustCompile("^assay-0a1b2c3d-[0-9a-f]{8}")
	var m Matcher
	for range 20_000 {
		text := ""
		for range random.IntN(6) {
			text += parts[random.IntN(len(parts))]
		}
		isBack, foreign := false, ""
		for at := range text {
			found := nonce.FindString(text[at:])
			if found == own {
				isBack = true
			} else if found != "" && foreign == "" {
				foreign = found
			}
		}
		m.Reset(own)
		for rest := text; rest != ""; {
			n := 1 + random.IntN(min(len(rest), 30))
			m.Add(0, []byte(rest[:n]))
			rest = rest[n:]
		}
		if m.IsBack() != isBack || m.Foreign() != foreign {
			t.Fatalf("%q: back %v, foreign %q, not %v, %q", text, m.IsBack(), m.Foreign(), isBack, foreign)
		}
	}
}

func TestTextsAreApart(t *testing.T) {
	var m Matcher
	m.Reset(own)
	m.Add(0, []byte(own[:10]))
	m.Add(1, []byte("thinking"))
	m.Add(2, []byte(own[10:]))
	if m.IsBack() {
		t.Error("put together of two texts")
	}
	m.Add(0, []byte(own[10:]))
	if !m.IsBack() {
		t.Error("not found beside another text")
	}
}

func TestNone(t *testing.T) {
	var m Matcher
	m.Reset("")
	m.Add(0, []byte(own))
	if m.Asked() || m.IsBack() || m.Foreign() != "" {
		t.Error("found what nobody asked for")
	}
}

func TestNoAllocations(t *testing.T) {
	var m Matcher
	piece := []byte(" a token")
	m.Reset(own)
	m.Add(0, piece)
	if n := testing.AllocsPerRun(1000, func() { m.Add(0, piece) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
