package exchange

import (
	"assay/load/k6/clock"
	"assay/load/k6/wire"
)

// due says when the request is to end, and why. Which phase it is in decides.
type due struct {
	stopper *Stopper
	conn    *wire.Conn
	// Instants in ns of the run; never where there is none.
	total, cancel, phase int64
	class                wire.Class // of phase
	// slack: the phase's instant moves with each read, and ends later by up to so much, so that the timer of the connection
	// need not be set for each read.
	slack int64
	armed int64
}

// fix sets the phase's instant for good.
func (d *due) fix(at int64, class wire.Class) { d.phase, d.class, d.slack = at, class, 0 }

// move sets the phase's instant, which will move again.
func (d *due) move(at, slack int64, class wire.Class) { d.phase, d.class, d.slack = at, class, slack }

// arm sets the timer of the connection, where what is set will not do.
func (d *due) arm() {
	for {
		stop := d.stopper.at.Load()
		exact := min(d.total, d.cancel, stop)
		if d.armed > exact || d.armed < min(exact, d.phase) || d.armed > d.phase+d.slack {
			d.armed = min(exact, d.phase+d.slack)
			d.conn.SetReadDeadline(clock.At(d.armed))
		}
		if d.stopper.at.Load() == stop {
			return
		}
	}
}

// armWrite sets the timer for the write of the request.
func (d *due) armWrite() {
	for {
		stop := d.stopper.at.Load()
		d.conn.SetWriteDeadline(clock.At(min(d.total, d.phase, stop)))
		if d.stopper.at.Load() == stop {
			return
		}
	}
}

// over says what ended a read that met its deadline; isCancel: we meant to leave. nil: none of them did yet.
func (d *due) over(now int64) (err *wire.Error, isCancel bool) {
	switch {
	case now >= d.cancel:
		return nil, true
	case now >= d.stopper.at.Load():
		return &wire.Error{Class: wire.Stopped, Detail: "the run ended"}, false
	case now >= d.total:
		return &wire.Error{Class: wire.TotalTimeout, Detail: "the deadline of the whole request"}, false
	case now >= d.phase:
		return &wire.Error{Class: d.class, Detail: "the deadline of this phase"}, false
	}
	return nil, false
}
