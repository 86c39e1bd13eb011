package rows

import (
	"bytes"
	"encoding/json"
	"os"
	"sync"
)

// A File is the sample file of a run. What is given to it is in the file after Flush.
type File struct {
	lock    sync.Mutex
	file    *os.File
	pending bytes.Buffer
	line    []byte
	rows    int64
	failed  error

	histograms map[histogramKey]*Histograms
	all        []*Histogram
}

type histogramKey struct{ phase, model string }

// Create makes the file, whose first line tells what is in it: the values of about, columns and units on top.
func Create(path string, about map[string]any) (*File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	names, units := make([]string, len(Columns)), map[string]string{}
	for i, c := range Columns {
		names[i] = c.Name
		if c.Unit != "" {
			units[c.Name] = c.Unit
		}
	}
	head := map[string]any{"schema": "assay/samples/1", "columns": names, "units": units, "figures": Figures}
	for key, value := range about {
		head[key] = value
	}
	f := &File{file: file, histograms: map[histogramKey]*Histograms{}}
	f.write(head)
	return f, f.Flush()
}

// Row adds a request.
func (f *File) Row(r *Row) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.line = append(r.Append(f.line[:0]), '\n')
	f.pending.Write(f.line)
	f.rows++
}

// Add adds a line of another kind: an object with one key, that names the kind.
func (f *File) Add(kind string, value any) { f.write(map[string]any{kind: value}) }

func (f *File) write(value any) {
	text, err := json.Marshal(value)
	f.lock.Lock()
	defer f.lock.Unlock()
	if err != nil {
		f.fail(err)
		return
	}
	f.pending.Write(text)
	f.pending.WriteByte('\n')
}

func (f *File) fail(err error) {
	if f.failed == nil {
		f.failed = err
	}
}

// Histograms are those of a phase and model.
func (f *File) Histograms(phase, model string, now int64) *Histograms {
	f.lock.Lock()
	defer f.lock.Unlock()
	key := histogramKey{phase, model}
	if h := f.histograms[key]; h != nil {
		return h
	}
	of := func(name string) *Histogram {
		h := &Histogram{Name: name, Phase: phase, Model: model, hdr: newHDR(), all: newHDR(), from: now}
		f.all = append(f.all, h)
		return h
	}
	h := &Histograms{BetweenTokens: of("itl"), BetweenChunks: of("icl"), Lag: of("lag")}
	f.histograms[key] = h
	return h
}

// Quantile is a quantile (0 to 1), in µs, of all that the histograms of a name and phase took so far, of all models; ok is
// false where they took nothing.
func (f *File) Quantile(name, phase string, quantile float64) (us int64, ok bool) {
	f.lock.Lock()
	all := f.all[:len(f.all):len(f.all)]
	f.lock.Unlock()
	sum := newHDR()
	for _, h := range all {
		if h.Name == name && h.Phase == phase {
			h.addTo(sum)
		}
	}
	return sum.ValueAtQuantile(100 * quantile), sum.TotalCount() > 0
}

// WriteHistograms writes what was added to them since the last time.
func (f *File) WriteHistograms(now int64) {
	f.lock.Lock()
	all := f.all[:len(f.all):len(f.all)]
	f.lock.Unlock()
	for _, h := range all {
		line, isSome, err := h.line(now)
		if err != nil {
			f.lock.Lock()
			f.fail(err)
			f.lock.Unlock()
		} else if isSome {
			f.write(line)
		}
	}
}

// Flush hands all lines to the system. The first error stays.
func (f *File) Flush() error {
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.pending.Len() > 0 && f.failed == nil {
		if _, err := f.file.Write(f.pending.Bytes()); err != nil {
			f.fail(err)
		}
	}
	f.pending.Reset()
	return f.failed
}

// Close writes the last line, and closes. Nothing may be added after it.
func (f *File) Close(now int64, isStopped bool) error {
	f.WriteHistograms(now)
	f.lock.Lock()
	rows := f.rows
	f.lock.Unlock()
	f.Add("end", map[string]any{"at_us": now / 1000, "rows": rows, "stopped": isStopped})
	err := f.Flush()
	if failed := f.file.Close(); err == nil {
		err = failed
	}
	return err
}
