// SPDX-License-Identifier: Apache-2.0

// Package expr is the language of XLSForm's expressions: relevance, constraints, calculations, choice filters.
//
// An expression is parsed once into a small tree and evaluated with bounded work. Where the known engines differ it does
// as ODK Collect does; docs/instruments.md says where it does not. The package knows nothing of forms: what a reference
// means, what time it is and which dice are thrown, the Env says.
package expr

import "slices"

// Kind says what stands at a place of the tree.
type Kind string

// The kinds of nodes.
const (
	Text   Kind = "text"   // Text is a literal
	Number Kind = "number" // Number is a literal
	Path   Kind = "path"   // a reference, see Node
	Call   Kind = "call"   // Name is a function, Args what it is given
	Op     Kind = "op"     // Name is an operator of two operands, or "neg" of one
)

// From says where a path begins.
type From string

// The beginnings of paths.
const (
	Named From = "named" // ${name}: the item of that name, wherever it stands
	Root  From = "root"  // /data/…: the form
	Here  From = "here"  // . and ..: the item that the expression belongs to, Up levels higher
	Bare  From = "bare"  // a name alone, or . within brackets: of the option or the instance that is being looked at
	List  From = "list"  // instance('list')/root/item: the options of a list
)

// Node is one place of an expression's tree.
type Node struct {
	Kind   Kind    `json:"kind"`
	Name   string  `json:"name,omitempty"`
	Text   string  `json:"text,omitempty"`
	Number float64 `json:"number,omitempty"`
	Args   []*Node `json:"args,omitempty"`

	// Of a path: where it begins, how far up, the names after that, and the condition in brackets with the number of
	// names before it.
	From  From     `json:"from,omitempty"`
	Up    int      `json:"up,omitempty"`
	Steps []string `json:"steps,omitempty"`
	Where *Node    `json:"where,omitempty"`
	After int      `json:"after,omitempty"`

	Inside bool `json:"inside,omitempty"` // it stands within brackets

	do    func(r *run, env Env, n *Node) Value // of a call, set when it was admitted
	At    int                                  `json:"-"` // position in the text, in characters from 1
	Index int                                  `json:"-"` // number of this path among those of the expression, so that whoever resolves it can keep the answer; -1 for the item itself, asked for by a function
}

// Expr is a parsed expression. It never changes and may be shared.
type Expr struct {
	text  string
	root  *Node
	paths []*Node
}

// String returns the expression as it was written.
func (e *Expr) String() string { return e.text }

// Tree returns the root of the tree; it is not to be changed.
func (e *Expr) Tree() *Node { return e.root }

// Paths lists the references of the expression in the order of their Index, those within brackets too.
func (e *Expr) Paths() []*Node { return slices.Clone(e.paths) }

// Calls tells whether the expression uses a function.
func (e *Expr) Calls(name string) bool {
	found := false
	Walk(e.root, func(n *Node) { found = found || n.Kind == Call && n.Name == name })
	return found
}

// Walk visits a node and all below it, the upper first.
func Walk(n *Node, visit func(*Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, a := range n.Args {
		Walk(a, visit)
	}
	Walk(n.Where, visit)
}

// Scalar visits each path whose value is taken alone, not as a set: where a reference into a repeat means one instance.
func Scalar(n *Node, visit func(*Node)) {
	if n == nil {
		return
	}
	if n.Kind == Path {
		visit(n)
	}
	for i, a := range n.Args {
		if n.Kind == Call && a.Kind == Path && takesSet(n.Name, i) {
			Scalar(a.Where, visit)
			continue
		}
		Scalar(a, visit)
	}
	Scalar(n.Where, visit)
}
