//go:build !unix

package wire

// isQuiet: this system is not asked; a connection that was closed meanwhile shows when it is used.
func (c *Conn) isQuiet() bool { return !c.more }
