// SPDX-License-Identifier: Apache-2.0

// Package torture holds tests that kill the program, and the database under it,
// while people are registered, and look afterwards for what was acknowledged.
// They also run three servers on one database, and kill one of them.
// TORTURE_KILLS says how often; make torture takes it from KILLS.
package torture
