module assay/load/k6

go 1.26
