package self

import (
	"os"
	"strconv"
	"time"
)

// lookAfterParent is how often the parent is looked for.
const lookAfterParent = 500 * time.Millisecond

// WatchParent calls gone once when the process that started us, whose id is given, is our parent no longer: nobody would
// end the load any more. No number: nobody is watched.
func WatchParent(id string, gone func()) {
	parent, err := strconv.Atoi(id)
	if err != nil {
		return
	}
	go func() {
		for os.Getppid() == parent {
			time.Sleep(lookAfterParent)
		}
		gone()
	}()
}
