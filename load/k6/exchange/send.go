package exchange

import (
	"bytes"
	"net/http"
	"time"

	"golang.org/x/net/http/httpguts"

	"assay/load/k6/clock"
	"assay/load/k6/wire"
)

// send gets a connection and hands the request over. false: there will be no answer.
func (f *flight) send(s *Stopper) bool {
	c, row := f.client, f.row
	d := &c.options.Deadlines
	header, err := f.compose()
	if err != nil {
		f.failed = &wire.Error{Class: wire.Other, Detail: err.Error()}
		return false
	}
	f.due = due{stopper: s, total: row.Start + int64(d.Total), cancel: never, armed: never}
	conn, err := c.pool.Get(s.ctx, clock.At(min(row.Start+int64(d.Connect), f.due.total)))
	got := clock.Now()
	row.Connect = got - row.Start
	if err != nil {
		f.failed = asError(err)
		return false
	}
	f.conn, f.due.conn = conn, conn
	if row.Reused = conn.Used > 0; row.Reused {
		// What is left is the way through the pool, which belongs to the write.
		row.Connect, got = 0, row.Start
	}
	conn.Used++
	s.add(conn)
	f.due.fix(clock.Now()+int64(d.Headers), wire.HeadersTimeout)
	f.due.armWrite()
	_, err = conn.Write(header)
	sent := clock.Moment(conn.Sent())
	if sent.Mono < got {
		// Nothing of it was taken.
		sent = clock.Moment(time.Now())
	}
	row.Write = sent.Mono - got
	f.meter.Sent(sent)
	if f.ask.CancelAfter > 0 {
		f.due.cancel = sent.Mono + int64(f.ask.CancelAfter)
	}
	f.due.fix(sent.Mono+int64(d.Headers), wire.HeadersTimeout)
	if err == nil {
		return true
	}
	if wire.IsTimeout(err) {
		f.failed = &wire.Error{Class: wire.HeadersTimeout, Detail: "the request was not taken"}
		if over, _ := f.due.over(clock.Now()); over != nil && over.Class != wire.HeadersTimeout {
			f.failed = over
		}
		return false
	}
	// Who refuses a request before all of it was there may have said why.
	f.failed = wire.Broken(err)
	f.due.fix(sent.Mono+int64(time.Second), f.failed.Class)
	return true
}

func asError(err error) *wire.Error {
	if known, ok := err.(*wire.Error); ok {
		return known
	}
	return &wire.Error{Class: wire.Other, Detail: err.Error()}
}

// compose writes the request into memory: it goes out in one piece.
func (f *flight) compose() ([]byte, error) {
	c := f.client
	request := &http.Request{
		Method: http.MethodPost, URL: c.url, Host: c.url.Host, Header: c.header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: readOnly{bytes.NewReader(f.ask.Body)}, ContentLength: int64(len(f.ask.Body)),
	}
	if len(f.ask.Body) == 0 {
		request.Body = http.NoBody
	}
	if len(f.ask.Headers) > 0 {
		more, err := headerOf(f.ask.Headers)
		if err != nil {
			return nil, err
		}
		request.Header = c.header.Clone()
		for name, values := range more {
			request.Header[name] = values
		}
	}
	f.isLast = httpguts.HeaderValuesContainsToken(request.Header["Connection"], "close")
	if err := request.Write(&f.out); err != nil {
		return nil, err
	}
	return f.out.Bytes(), nil
}

type readOnly struct{ *bytes.Reader }

func (readOnly) Close() error { return nil }

// leave gives the connection back, or closes it.
func (f *flight) leave(s *Stopper, isReusable bool) {
	if f.conn == nil {
		return
	}
	s.remove(f.conn)
	if isReusable {
		f.client.pool.Put(f.conn, wire.IdleTime(f.answer))
	} else {
		f.conn.Close()
	}
	f.conn, f.due.conn = nil, nil
}
