package extension

import (
	"encoding/json"
	"os"
	"runtime/debug"
)

// k6Version is that of the k6 that this is linked with.
func k6Version() string {
	info, isKnown := debug.ReadBuildInfo()
	if isKnown {
		for _, d := range info.Deps {
			if d.Path == "go.k6.io/k6" {
				return d.Version
			}
		}
	}
	return "unknown"
}

// runID is the number of the run in the order that ASSAY_ORDER names; "" without one.
func runID() string {
	text, err := os.ReadFile(os.Getenv("ASSAY_ORDER"))
	if err != nil {
		return ""
	}
	var order struct {
		Run string `json:"run"`
	}
	if json.Unmarshal(text, &order) != nil {
		return ""
	}
	return order.Run
}
