// Package grammar runs a stream through the grammar of its dialect: the machine of the load engine over
// schemas/<dialect>/grammar.json.
//
// schemas/README.md says what a machine does. The machine of the conformance side, suites/core/grammar.ts, is the
// reference: for every stream both name the same rule at the same event.
package grammar

// The form of a grammar.json; schemas/grammar.schema.json explains it.
type document struct {
	Dialect  string          `json:"dialect"`
	Events   []eventClass    `json:"events"`
	Every    []mark          `json:"every"`
	Machines []machineDoc    `json:"machines"`
	Rules    map[string]rule `json:"rules"`
}

type eventClass struct {
	Class    string      `json:"class"`
	When     []Condition `json:"when"`
	Violates string      `json:"violates"`
}

type mark struct {
	When     []Condition `json:"when"`
	Violates string      `json:"violates"`
}

// A Condition is one test of an event or of a value in it. All that is given must hold.
type Condition struct {
	Class  []string `json:"class"`
	Type   []string `json:"type"`
	Data   []string `json:"data"`
	Path   *string  `json:"path"`
	Is     []string `json:"is"`
	Equals []any    `json:"equals"`
	Empty  *bool    `json:"empty"`
	Named  *bool    `json:"named"`
}

type machineDoc struct {
	Machine string   `json:"machine"`
	Below   string   `json:"below"`
	Classes []string `json:"classes"`
	Each    *string  `json:"each"`
	Key     *struct {
		Path    string `json:"path"`
		Is      string `json:"is"`
		Missing string `json:"missing"`
		Gap     string `json:"gap"`
		Opens   *struct {
			Classes []string `json:"classes"`
			Rule    string   `json:"rule"`
		} `json:"opens"`
	} `json:"key"`
	Signals []struct {
		Signal string      `json:"signal"`
		When   []Condition `json:"when"`
	} `json:"signals"`
	Constants []struct {
		Path string `json:"path"`
		Rule string `json:"rule"`
	} `json:"constants"`
	Totals []struct {
		Paths []string `json:"paths"`
		Rule  string   `json:"rule"`
	} `json:"totals"`
	Joined []struct {
		Path   string   `json:"path"`
		Is     []string `json:"is"`
		Rule   string   `json:"rule"`
		Unless string   `json:"unless"`
	} `json:"joined"`
	Initial string              `json:"initial"`
	States  map[string]stateDoc `json:"states"`
	Owes    []struct {
		Signal string `json:"signal"`
		Rule   string `json:"rule"`
		At     string `json:"at"`
	} `json:"owes"`
}

type stateDoc struct {
	On map[string]struct {
		To       string `json:"to"`
		Violates string `json:"violates"`
	} `json:"on"`
	End     string `json:"end"`
	Unless  string `json:"unless"`
	Settles bool   `json:"settles"`
	Closed  bool   `json:"closed"`
}

// What the machine does not need: the words for people.
type rule struct {
	Title        string   `json:"title"`
	By           string   `json:"by"`
	Requirements []string `json:"requirements"`
	Expected     string   `json:"expected"`
	Fix          string   `json:"fix"`
	Why          string   `json:"why"`
	Sources      []string `json:"sources"`
}
