package exchange

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/net/http/httpguts"

	"assay/load/k6/grammar"
	"assay/load/k6/meter"
	"assay/load/k6/redact"
	"assay/load/k6/rows"
	"assay/load/k6/self"
	"assay/load/k6/stamp"
	"assay/load/k6/wire"
)

// Options are those of a client.
type Options struct {
	URL, Dialect string
	// Grammar is the text of the dialect's grammar.json; "" for none.
	Grammar   string
	Headers   map[string]string
	Secrets   []string
	Deadlines Deadlines
	Bounds    Bounds
	Caps      Caps
	// CA is a PEM text of the authorities that are trusted besides those of the system.
	CA       string
	Insecure bool
}

// A Recorder takes what a request leaves behind.
type Recorder interface {
	Row(r *rows.Row)
	Histograms(phase, model string, now int64) *rows.Histograms
}

// A Client asks one target. It may be used by any number of goroutines.
type Client struct {
	options Options
	url     *url.URL
	header  http.Header
	pool    *wire.Pool
	dialect *meter.Dialect
	grammar *grammar.Grammar
	flights sync.Pool
	// Tally is counted up by each request.
	tally *self.Tally
	// Record gives where rows go now; it may give nil.
	record func() Recorder
	budget *Budget
	mask   *redact.Mask
}

// lastID is the number of the last request of the process.
var lastID atomic.Int64

// New makes a client. budget is shared by all clients of a run.
func New(o Options, budget *Budget, tally *self.Tally, record func() Recorder) (*Client, error) {
	target, err := url.Parse(o.URL)
	if err != nil {
		// Without the URL, which may hold a key.
		var why *url.Error
		if errors.As(err, &why) {
			err = why.Err
		}
		return nil, fmt.Errorf("the URL: %w", err)
	}
	if target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, fmt.Errorf("the URL is to be http:// or https:// and a host")
	}
	c := &Client{options: o, url: target, budget: budget, tally: tally, record: record}
	if c.header, err = headerOf(o.Headers); err != nil {
		return nil, err
	}
	if c.mask, err = redact.New(o.Secrets); err != nil {
		return nil, err
	}
	dialects, err := meter.Dialects()
	if err != nil {
		return nil, err
	}
	if c.dialect = dialects[o.Dialect]; c.dialect == nil {
		return nil, fmt.Errorf("no dialect %q", o.Dialect)
	}
	if o.Grammar != "" {
		if c.grammar, err = grammar.Compile([]byte(o.Grammar)); err != nil {
			return nil, fmt.Errorf("the grammar: %w", err)
		}
	}
	secure, err := c.tls()
	if err != nil {
		return nil, err
	}
	c.pool = wire.NewPool(wire.Target{Address: address(target), TLS: secure})
	// It takes a little: not of the first request's time. Where it fails, rows say that no read was stamped.
	_ = stamp.Prime()
	c.flights.New = func() any { return newFlight(c) }
	return c, nil
}

func (c *Client) tls() (*tls.Config, error) {
	if c.url.Scheme != "https" {
		return nil, nil
	}
	config := &tls.Config{
		ServerName: c.url.Hostname(), NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12,
		// What the user asked for, in these words.
		InsecureSkipVerify: c.options.Insecure,
		ClientSessionCache: tls.NewLRUClientSessionCache(64),
	}
	if c.options.CA != "" {
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if !roots.AppendCertsFromPEM([]byte(c.options.CA)) {
			return nil, errors.New("tls.ca has no certificate in PEM")
		}
		config.RootCAs = roots
	}
	return config, nil
}

func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func headerOf(values map[string]string) (http.Header, error) {
	header := http.Header{}
	for name, value := range values {
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			return nil, fmt.Errorf("%q is no name of a header", name)
		case !httpguts.ValidHeaderFieldValue(value):
			// The value may be a key: it is not shown.
			return nil, fmt.Errorf("the value of the header %s cannot be sent", name)
		case strings.EqualFold(name, "Content-Length"), strings.EqualFold(name, "Transfer-Encoding"):
			return nil, fmt.Errorf("%s is set by the engine", name)
		}
		header.Set(name, value)
	}
	return header, nil
}

// maskFor masks the client's secrets and those of a request.
func (c *Client) maskFor(ask *Ask) (*redact.Mask, error) {
	if len(ask.Secrets) == 0 {
		return c.mask, nil
	}
	return redact.New(c.options.Secrets, ask.Secrets)
}

// Close closes the connections that are not in use.
func (c *Client) Close() { c.pool.Close() }
