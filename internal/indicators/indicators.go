// SPDX-License-Identifier: Apache-2.0

// Package indicators answers questions for figures: what an indicator says is to
// be counted, told apart as was asked, as far as who asks may know; and it
// publishes tables. Every figure has records behind it.
//
// How figures are counted and kept is package counting, how facts become totals
// package facts, what there is to count package sources, and what may leave the
// house package tables.
package indicators
