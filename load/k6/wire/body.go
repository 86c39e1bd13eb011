package wire

import (
	"bytes"
	"fmt"
	"net/http"
)

// A Body takes the framing off the bytes of a body as they come, so that what each single read brought is known. (The
// reader of net/http hands bytes of several reads over as one.) What a head says of the framing is net/http's word.
type Body struct {
	kind framing
	left int64 // of the length, or of the chunk
	line []byte
	// IsDone: the body is whole.
	IsDone bool
}

type framing uint8

const (
	untilClose framing = iota
	byLength
	chunkSize
	chunkData
	chunkEnd
	trailer
)

// mostLine bounds the line with the size of a chunk, and a line of the trailer.
const mostLine = 4096

// Reset makes it ready for the body of an answer.
func (b *Body) Reset(r *http.Response) {
	*b = Body{line: b.line[:0]}
	switch {
	case r.Body == http.NoBody:
		// Of no length, or with a status that has no body whatever the headers say (204, 304).
		b.kind, b.IsDone = byLength, true
	case len(r.TransferEncoding) > 0:
		b.kind = chunkSize
	case r.ContentLength >= 0:
		b.kind, b.left = byLength, r.ContentLength
	}
}

// Take gives the bytes of the body among p, moved together at its start or a part of it, and what follows a body that is
// done.
func (b *Body) Take(p []byte) (body, rest []byte, err *Error) {
	for len(p) > 0 && !b.IsDone {
		switch b.kind {
		case untilClose:
			return joined(body, p), nil, nil
		case byLength, chunkData:
			n := int(min(int64(len(p)), b.left))
			body = joined(body, p[:n])
			p = p[n:]
			b.left -= int64(n)
			if b.left == 0 {
				b.IsDone = b.kind == byLength
				b.kind = chunkEnd
			}
		default:
			end := bytes.IndexByte(p, '\n')
			if end < 0 {
				end = len(p) - 1
			}
			b.line = append(b.line, p[:end+1]...)
			p = p[end+1:]
			if b.kind == chunkEnd && b.line[0] != '\r' && b.line[0] != '\n' {
				return body, nil, &Error{Garbled, "no line end after a chunk"}
			}
			if len(b.line) > mostLine {
				return body, nil, &Error{Garbled, "a line of the chunked framing is too long"}
			}
			if b.line[len(b.line)-1] != '\n' {
				continue
			}
			if err := b.take(bytes.TrimSuffix(b.line[:len(b.line)-1], []byte{'\r'})); err != nil {
				return body, nil, err
			}
			b.line = b.line[:0]
		}
	}
	return body, p, nil
}

// joined lays next, which lies behind body in the same memory, right behind it.
func joined(body, next []byte) []byte {
	if body == nil {
		return next[:len(next):cap(next)]
	}
	return append(body, next...)
}

// take acts on a line of the chunked framing.
func (b *Body) take(line []byte) *Error {
	switch b.kind {
	case chunkEnd:
		if len(line) > 0 {
			return &Error{Garbled, "no line end after a chunk"}
		}
		b.kind = chunkSize
	case trailer:
		b.IsDone = len(line) == 0
	default:
		size, ok := chunkLength(line)
		if !ok {
			// All of the line: what is cut cannot be masked. Who shows it cuts it.
			return &Error{Garbled, fmt.Sprintf("no size of a chunk: %q", line)}
		}
		b.left, b.kind = size, chunkData
		if size == 0 {
			b.kind = trailer
		}
	}
	return nil
}

// chunkLength reads the size of a chunk: hexadecimal, an extension after it.
func chunkLength(line []byte) (int64, bool) {
	digits, _, _ := bytes.Cut(line, []byte{';'})
	digits = bytes.TrimRight(digits, " \t")
	if len(digits) == 0 || len(digits) > 15 {
		return 0, false
	}
	n := int64(0)
	for _, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | int64(c)
	}
	return n, true
}

// EndsByClose tells whether only the close of the connection ends the body.
func (b *Body) EndsByClose() bool { return b.kind == untilClose }
