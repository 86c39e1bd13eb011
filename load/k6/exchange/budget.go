package exchange

import (
	"fmt"
	"sync/atomic"
)

// A Budget holds the caps of a run, over all clients and virtual users.
type Budget struct {
	requests, tokens atomic.Int64
}

// reserve takes a request and the most tokens that it may cost; it gives what stands against it, "" for nothing. A request
// that is refused costs nothing.
func (b *Budget) reserve(caps Caps, tokens int64) string {
	if n := b.requests.Add(1); caps.Requests > 0 && n > caps.Requests {
		b.requests.Add(-1)
		return fmt.Sprintf("the cap of %d requests", caps.Requests)
	}
	if n := b.tokens.Add(tokens); caps.Tokens > 0 && n > caps.Tokens {
		b.tokens.Add(-tokens)
		b.requests.Add(-1)
		return fmt.Sprintf("the cap of %d tokens", caps.Tokens)
	}
	return ""
}

// costs is the most tokens that a request may cost, as far as it says.
func (a *Ask) costs() int64 {
	most := int64(0)
	for _, n := range []int64{a.PromptTokens, a.MaxTokens} {
		if n > 0 {
			most += n
		}
	}
	return most
}
