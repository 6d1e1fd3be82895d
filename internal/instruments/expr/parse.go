// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"fera/internal/fault"
)

// Parse reads an expression. The fault says what is wrong and where.
func Parse(text string) (*Expr, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	root := p.or()
	if p.err == nil && p.peek().kind != "" {
		p.fail(unexpected(p.peek()))
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Expr{text: text, root: root, paths: p.paths}, nil
}

// parser goes down the tokens once. After the first error it only returns.
type parser struct {
	tokens []token
	next   int
	depth  int
	within int // brackets around this place; a name alone means something there
	paths  []*Node
	err    error
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) fail(err error) *Node {
	if p.err == nil {
		p.err = err
	}
	return &Node{Kind: Text}
}

func (p *parser) take() token {
	t := p.tokens[p.next]
	if p.next < len(p.tokens)-1 {
		p.next++
	}
	return t
}

// accept takes the next token if it is one of these.
func (p *parser) accept(kinds ...string) (token, bool) {
	t := p.peek()
	if p.err != nil || !slices.Contains(kinds, t.kind) && (t.kind != "name" || !slices.Contains(kinds, "word "+t.text)) {
		return t, false
	}
	return p.take(), true
}

func (p *parser) expect(kind string) {
	if _, ok := p.accept(kind); !ok {
		p.fail(unexpected(p.peek()))
	}
}

// chain reads operands joined by operators of one rank, from the left.
func (p *parser) chain(operand func() *Node, operators ...string) *Node {
	left := operand()
	for {
		t, ok := p.accept(operators...)
		if !ok {
			return left
		}
		left = &Node{Kind: Op, Name: t.text, At: t.at, Args: []*Node{left, operand()}}
	}
}

func (p *parser) or() *Node {
	if p.depth++; p.depth > deepest {
		return p.fail(fault.New(fault.Invalid, "expression.too_deep"))
	}
	defer func() { p.depth-- }()
	return p.chain(p.and, "word or")
}
func (p *parser) and() *Node     { return p.chain(p.equal, "word and") }
func (p *parser) equal() *Node   { return p.chain(p.compare, "=", "!=") }
func (p *parser) compare() *Node { return p.chain(p.add, "<", "<=", ">", ">=") }
func (p *parser) add() *Node     { return p.chain(p.times, "+", "-") }
func (p *parser) times() *Node   { return p.chain(p.minus, "*", "word div", "word mod") }

func (p *parser) minus() *Node {
	var signs []token
	for {
		t, ok := p.accept("-")
		if !ok {
			break
		}
		signs = append(signs, t)
	}
	n := p.operand()
	if len(signs)%2 == 1 {
		n = &Node{Kind: Op, Name: "neg", At: signs[0].at, Args: []*Node{n}}
	}
	return n
}

func (p *parser) operand() *Node {
	if p.err != nil {
		return &Node{Kind: Text}
	}
	t := p.take()
	switch t.kind {
	case "text":
		return &Node{Kind: Text, Text: t.text, At: t.at}
	case "number":
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return p.fail(unexpected(t))
		}
		return &Node{Kind: Number, Number: f, At: t.at}
	case "(":
		n := p.or()
		p.expect(")")
		return n
	case "ref":
		return p.steps(p.path(&Node{From: Named, Steps: []string{t.text}, At: t.at}))
	case ".", "..":
		return p.upward(t)
	case "/":
		name, ok := p.accept("name")
		if !ok {
			return p.fail(unexpected(p.peek()))
		}
		return p.steps(p.path(&Node{From: Root, Steps: []string{name.text}, At: t.at}))
	case "name":
		if _, ok := p.accept("("); ok {
			return p.call(t)
		}
		if p.within == 0 && p.peek().kind != "/" {
			return p.path(&Node{From: Bare, Steps: []string{t.text}, At: t.at})
		}
		return p.steps(p.path(&Node{From: Bare, Steps: []string{t.text}, At: t.at}))
	}
	return p.fail(unexpected(t))
}

func (p *parser) path(n *Node) *Node {
	n.Kind, n.Index, n.Inside = Path, len(p.paths), p.within > 0
	p.paths = append(p.paths, n)
	return n
}

// upward reads ., .., ../.. and what hangs on them.
func (p *parser) upward(t token) *Node {
	n := p.path(&Node{From: Here, At: t.at})
	if n.Inside {
		n.From = Bare
	}
	if t.kind == ".." {
		n.Up = 1
	}
	for p.peek().kind == "/" && (p.tokens[p.next+1].kind == ".." || p.tokens[p.next+1].kind == ".") {
		p.take()
		if p.take().kind == ".." {
			n.Up++
		}
	}
	return p.steps(n)
}

// steps reads the /names and the condition in brackets after the beginning of a path.
func (p *parser) steps(n *Node) *Node {
	for p.err == nil {
		switch p.peek().kind {
		case "[":
			open := p.take()
			if n.Where != nil {
				return p.fail(fault.New(fault.Invalid, "expression.two_conditions").With("at", open.at))
			}
			p.within++
			n.Where, n.After = p.or(), len(n.Steps)
			p.within--
			p.expect("]")
		case "/":
			slash := p.take()
			name, ok := p.accept("name")
			if !ok {
				return p.fail(fault.New(fault.Invalid, "expression.path_unsupported").With("at", slash.at))
			}
			n.Steps = append(n.Steps, name.text)
		default:
			return n
		}
	}
	return n
}

// call reads the arguments of a function and checks what can be checked beforehand.
func (p *parser) call(t token) *Node {
	n := &Node{Kind: Call, Name: t.text, At: t.at}
	for p.err == nil && p.peek().kind != ")" {
		n.Args = append(n.Args, p.or())
		if _, ok := p.accept(","); !ok {
			break
		}
	}
	p.expect(")")
	if p.err != nil {
		return n
	}
	switch n.Name {
	case "current":
		// current()/../x is ../x, seen from outside the brackets.
		return p.afterCurrent(n)
	case "instance":
		return p.instance(n)
	}
	if err := admit(n); err != nil {
		return p.fail(err)
	}
	return n
}

func (p *parser) afterCurrent(n *Node) *Node {
	path := p.path(&Node{From: Here, At: n.At})
	for p.peek().kind == "/" && (p.tokens[p.next+1].kind == ".." || p.tokens[p.next+1].kind == ".") {
		p.take()
		if p.take().kind == ".." {
			path.Up++
		}
	}
	return p.steps(path)
}

// instance reads instance('list')/root/item[condition]/column.
func (p *parser) instance(n *Node) *Node {
	if len(n.Args) != 1 || n.Args[0].Kind != Text {
		return p.fail(fault.New(fault.Invalid, "expression.instance_unsupported").With("at", n.At))
	}
	path := p.steps(p.path(&Node{From: List, Name: n.Args[0].Text, At: n.At}))
	if p.err == nil && (len(path.Steps) < 2 || path.Steps[0] != "root" || path.Steps[1] != "item" || len(path.Steps) > 3 || path.Where != nil && path.After != 2) {
		return p.fail(fault.New(fault.Invalid, "expression.instance_unsupported").With("at", n.At))
	}
	return path
}

// admit refuses functions that do not exist or are not supported, and wrong numbers of arguments.
func admit(n *Node) error {
	if slices.Contains(refused(), n.Name) {
		return fault.New(fault.Invalid, "expression.refused_"+strings.ReplaceAll(n.Name, "-", "_")).With("at", n.At)
	}
	f, ok := functions()[n.Name]
	if !ok {
		return fault.New(fault.Invalid, "expression.unknown_function").With("name", n.Name).With("at", n.At)
	}
	if len(n.Args) < f.least || f.most >= 0 && len(n.Args) > f.most {
		return fault.New(fault.Invalid, "expression.arguments").With("name", n.Name).With("given", len(n.Args)).With("at", n.At)
	}
	n.do = f.do
	for i, a := range n.Args {
		if slices.Contains(f.paths, i) && a.Kind != Path {
			return fault.New(fault.Invalid, "expression.needs_reference").With("name", n.Name).With("at", a.At)
		}
	}
	if n.Name == "regex" && n.Args[1].Kind == Text {
		if _, err := pattern(n.Args[1].Text); err != nil {
			return fault.New(fault.Invalid, "expression.pattern").With("at", n.Args[1].At).Because(err)
		}
	}
	return nil
}

// refused are functions that exist elsewhere and are refused here, each with a sentence of its own.
func refused() []string {
	return []string{"pulldata", "search", "digest", "base64-decode", "intersects", "randomize", "version"}
}

// escapes are ways of other engines to write letters: \u0995, and scripts such as \p{IsBengali}.
var escapes = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\\(\\|u([0-9A-Fa-f]{4})|([pP])\{(?:Is|In|script=|sc=)([A-Za-z_]+)\})`)
})

// written writes a pattern as our engine takes it.
func written(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return escapes().ReplaceAllStringFunc(s, func(m string) string {
		parts := escapes().FindStringSubmatch(m)
		switch {
		case parts[2] != "":
			return `\x{` + parts[2] + `}`
		case parts[4] != "":
			return `\` + parts[3] + `{` + parts[4] + `}`
		}
		return m
	})
}

// pattern reads a regular expression that has to match the whole text, as ODK Collect has it.
func pattern(s string) (*regexp.Regexp, error) {
	if len(s) > 1000 {
		s = s[:1000] + "(" // refused
	}
	return regexp.Compile(`^(?:` + written(s) + `)$`)
}
