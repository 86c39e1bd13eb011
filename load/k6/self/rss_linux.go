package self

import (
	"bytes"
	"os"
	"strconv"
)

func rss(process string) *int64 {
	text, err := os.ReadFile("/proc/" + process + "/statm")
	if err != nil {
		return nil
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return nil
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return nil
	}
	size := pages * int64(os.Getpagesize())
	return &size
}
