// This is k6 with the extension k6/x/assay and the output assay: the load engine of assay.
package main

import (
	"go.k6.io/k6/cmd"

	_ "assay/load/k6/extension"
)

func main() { cmd.Execute() }
