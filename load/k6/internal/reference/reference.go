// Package reference gives tests what the machines of the conformance side say of streams: the output of
// tests/load/reference.ts.
package reference

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Root is the folder of the project, seen from a package of this module.
const Root = "../../.."

// Dir names the environment variable with a folder that holds <kind>.jsonl, made before: the tests of the project set it.
// Without it the reference is run, which takes Node and the project's packages.
const Dir = "ASSAY_REFERENCE"

// Read decodes each line of a kind and gives it to take.
func Read[T any](t *testing.T, kind string, take func(line T)) {
	t.Helper()
	text, err := output(kind)
	if err != nil {
		if os.Getenv(Dir) != "" {
			t.Fatal(err)
		}
		t.Skipf("no reference to compare with (%v): npm ci in the project's root brings it", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var line T
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		take(line)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func output(kind string) ([]byte, error) {
	if dir := os.Getenv(Dir); dir != "" {
		return os.ReadFile(filepath.Join(dir, kind+".jsonl"))
	}
	command := exec.Command("npx", "--no-install", "node", "tests/load/reference.ts", kind)
	command.Dir = Root
	return command.Output()
}
