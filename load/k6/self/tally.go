// Package self is what the meter knows of itself: how late it wakes, what it takes of the machine, what it has under way.
package self

import "sync/atomic"

// A Tally counts what is under way in the process.
type Tally struct {
	Started, Ended  atomic.Int64
	Chunks          atomic.Int64
	CoalescedChunks atomic.Int64
}
