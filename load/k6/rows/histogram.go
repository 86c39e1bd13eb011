package rows

import (
	"sync"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// Figures is the number of figures that histograms keep: a value is off by at most one part in a thousand.
	Figures = 3
	lowest  = 1             // µs
	highest = 3_600_000_000 // µs: an hour
)

func newHDR() *hdr.Histogram { return hdr.New(lowest, highest, Figures) }

// A Histogram takes values until they are written; adding up all that was written gives all. Values are µs: below 1 is
// 1, above an hour is an hour.
type Histogram struct {
	// Name is itl, icl or lag.
	Name, Phase, Model string

	lock sync.Mutex
	hdr  *hdr.Histogram // what is not written yet
	all  *hdr.Histogram // what is
	from int64
}

// Add adds a value in ns, so many times.
func (h *Histogram) Add(ns, times int64) {
	if h == nil || ns == Unknown {
		return
	}
	value := min(max(ns/1000, lowest), highest)
	h.lock.Lock()
	_ = h.hdr.RecordValues(value, times)
	h.lock.Unlock()
}

type histogramLine struct {
	Histogram string `json:"histogram"`
	Phase     string `json:"phase"`
	Model     string `json:"model"`
	From      int64  `json:"from_us"`
	To        int64  `json:"to_us"`
	Count     int64  `json:"count"`
	HDR       string `json:"hdr"`
}

// line takes what was added since the last one; ok is false where that is nothing.
func (h *Histogram) line(to int64) (line histogramLine, ok bool, err error) {
	h.lock.Lock()
	defer h.lock.Unlock()
	from := h.from
	h.from = to
	total := h.hdr.TotalCount()
	if total == 0 {
		return line, false, nil
	}
	// Base64 already.
	coded, err := h.hdr.Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		return line, false, err
	}
	h.all.Merge(h.hdr)
	h.hdr.Reset()
	return histogramLine{h.Name, h.Phase, h.Model, from / 1000, to / 1000, total, string(coded)}, true, nil
}

// addTo adds all that it ever took.
func (h *Histogram) addTo(sum *hdr.Histogram) {
	h.lock.Lock()
	defer h.lock.Unlock()
	sum.Merge(h.all)
	sum.Merge(h.hdr)
}

// Histograms are those of one phase and model.
type Histograms struct {
	// BetweenTokens: gap / tokens of each read with tokens, as often as it has tokens (itl).
	BetweenTokens *Histogram
	// BetweenChunks: every gap between reads with bytes of the body (icl).
	BetweenChunks *Histogram
	// Lag: of each stamped read with bytes of the body, the time that they lay in the system, at least.
	Lag *Histogram
}
