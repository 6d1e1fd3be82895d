// SPDX-License-Identifier: Apache-2.0

// Command fera keeps the register of migrants who come home to Bangladesh: one
// program with its pages, its API and its database.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"fera/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	code := cli.Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
