package wire

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// mostHead bounds the bytes of all heads of one answer, interim ones (1xx) included.
	mostHead = 256 << 10
	// mostInterim bounds the number of interim answers.
	mostInterim = 64
)

// A Head takes the bytes of an answer up to its body.
type Head struct {
	kept  []byte
	size  int
	lines int // of kept: how far the end was looked for
	// Interim is the number of interim answers (1xx) that are over.
	Interim int
	// Response is the head of the answer, when Take has said so. Its body is not used.
	Response *http.Response
}

// Reset makes it ready for another answer.
func (h *Head) Reset() { *h = Head{kept: h.kept[:0]} }

// HasBegun tells whether bytes of a head are here that is no interim one which is over.
func (h *Head) HasBegun() bool { return len(h.kept) > 0 }

// Take takes the next bytes. rest is what follows a head that is done (isDone).
func (h *Head) Take(p []byte) (rest []byte, isDone bool, err *Error) {
	h.size += len(p)
	h.kept = append(h.kept, p...)
	for {
		end := h.end()
		if end < 0 {
			if h.size > mostHead {
				return nil, false, &Error{TooLarge, fmt.Sprintf("more than %d bytes of headers", mostHead)}
			}
			return nil, false, nil
		}
		response, failed := http.ReadResponse(bufio.NewReader(bytes.NewReader(h.kept[:end])), postRequest)
		if failed != nil {
			return nil, false, &Error{Garbled, failed.Error()}
		}
		if response.StatusCode >= 200 {
			h.Response = response
			return h.kept[end:], true, nil
		}
		h.Interim++
		if h.Interim > mostInterim || h.size > mostHead {
			return nil, false, &Error{TooLarge, fmt.Sprintf("more than %d interim answers", mostInterim)}
		}
		if response.StatusCode == http.StatusSwitchingProtocols {
			return nil, false, &Error{Garbled, "101 that nobody asked for"}
		}
		h.kept = append(h.kept[:0], h.kept[end:]...)
		h.lines = 0
	}
}

// postRequest tells the reader of a head what was asked: the answer has a body.
var postRequest = &http.Request{Method: http.MethodPost}

// end finds the end of the first head in kept; -1 where it is not there.
func (h *Head) end() int {
	for {
		at := bytes.IndexByte(h.kept[h.lines:], '\n')
		if at < 0 {
			return -1
		}
		line := h.kept[h.lines : h.lines+at]
		h.lines += at + 1
		if len(line) == 0 || len(line) == 1 && line[0] == '\r' {
			return h.lines
		}
	}
}

// KeepsAlive tells whether the connection may be used again after the body.
func KeepsAlive(r *http.Response) bool { return !r.Close && r.ProtoAtLeast(1, 1) }

// IdleTime is how long a connection may be idle after an answer and still be used: less than what the other side says that
// it waits (`Keep-Alive: timeout=5`), for a request must not meet its close on the way.
func IdleTime(r *http.Response) time.Duration {
	for part := range strings.SplitSeq(r.Header.Get("Keep-Alive"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		seconds, err := strconv.ParseUint(value, 10, 31)
		if err != nil || !strings.EqualFold(name, "timeout") {
			continue
		}
		said := time.Duration(seconds) * time.Second
		return min(max(said-time.Second, said/2), mostIdle)
	}
	return mostIdle
}
