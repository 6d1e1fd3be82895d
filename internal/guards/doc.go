// SPDX-License-Identifier: Apache-2.0

// Package guards holds the tests that watch over the project as a whole: who
// may import whom, who may write which table, how long things may get, what
// nobody may call. It has no code of its own.
//
// Each guard is a function that takes source text and returns what is wrong
// with it, one test that runs it over the project, and a canary: a test that
// shows on made-up source that the guard can fail.
package guards
