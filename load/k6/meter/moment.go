package meter

// A Moment is one instant on both clocks.
type Moment struct {
	Mono int64
	Real int64 // ns since 1970, by a clock that may be set
}

const (
	stepTolerance = 2_000_000 // ns
	slewTolerance = 1000      // one part in so many: what a clock that is being slewed may gain
)

// IsStep tells whether the real-time clock was set between two moments.
func IsStep(a, b Moment) bool {
	elapsed := b.Mono - a.Mono
	moved := (b.Real - a.Real) - elapsed
	tolerance := stepTolerance + elapsed/slewTolerance
	return moved > tolerance || moved < -tolerance
}
