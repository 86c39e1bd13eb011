package grammar

import "assay/load/k6/tape"

// A Grammar is one made ready, for any number of runs at a time.
type Grammar struct {
	Dialect  string
	events   []class
	every    []brokenBy
	machines []machine
	rules    []string // ids
}

const no = -1

type class struct {
	when     Test // none: always
	set      uint64
	violates int // a rule, or no
}

type brokenBy struct {
	when     Test
	violates int
}

type machine struct {
	children []int
	classes  uint64
	each     tape.Path // nil: the item above is the item
	pointer  string    // of each
	key      *key
	signals  []signal
	byClass  bool // the only signal is the class of the event
	constants,
	totals []valueRule
	joined  []joinedRule
	initial int
	states  []state
	owes    []debt
}

type key struct {
	path         tape.Path
	pointer      string
	isText       bool
	missing, gap int
	opening      uint64 // classes of events; 0: no rule
	opens        int
}

type signal struct {
	number int
	when   Test
	part   *test // what a finding points at
}

type valueRule struct {
	paths    []tape.Path
	pointers []string
	rule     int
}

type joinedRule struct {
	path         tape.Path
	is           uint8
	rule, unless int
}

type state struct {
	on              []transition // by signal
	end, unless     int
	settles, closed bool
}

type transition struct{ to, violates int }

type debt struct {
	signal, rule int
	first        bool
}

// ruleSets is the number of words in a set of rules.
const ruleSets = 2
