// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
	"golang.org/x/crypto/argon2"
	"golang.org/x/mod/sumdb/note"
)

// Ring is the root of the key hierarchy: it wraps the organisations' keys, and
// holds the key that signs checkpoints of the trail. It lives in one file beside
// the database, never in it. It is safe for concurrent use.
type Ring struct {
	signKey string
	mac     []byte

	mu     sync.Mutex
	root   *keyset.Handle
	cipher tink.AEAD
	blind  []byte
	known  map[string]tink.AEAD // unwrapped organisations' keys; a key id never changes its key
}

// ringFile is how a Ring is written. With a passphrase the keyset is encrypted
// under a key derived from it; without, the file's own protection is all there is.
type ringFile struct {
	Version int    `json:"version"`
	Salt    []byte `json:"salt,omitempty"`
	Body    []byte `json:"body"`
}

type ringBody struct {
	Root string `json:"root"` // Tink keyset, JSON
	Sign string `json:"sign"` // note signer's key
	Mac  []byte `json:"mac"`  // authenticates entries of the trail until they are sealed
}

// ErrPassphrase says that the key file did not open with the passphrase given.
var ErrPassphrase = errors.New("the key file does not open with this passphrase")

// NewRing makes a ring with fresh keys. Origin names the installation in signed checkpoints.
func NewRing(origin string) (*Ring, error) {
	root, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	private, _, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, err
	}
	mac := make([]byte, 32)
	rand.Read(mac)
	return newRing(root, private, mac)
}

func newRing(root *keyset.Handle, signKey string, mac []byte) (*Ring, error) {
	cipher, err := aead.New(root)
	if err != nil {
		return nil, err
	}
	return &Ring{root: root, cipher: cipher, signKey: signKey, mac: mac, known: map[string]tink.AEAD{}}, nil
}

// LoadRing reads the ring from a file, or makes one there when the file does not
// exist and make is set.
func LoadRing(path, passphrase string, make bool) (*Ring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && make {
		return makeRing(path, passphrase)
	}
	if err != nil {
		return nil, err
	}
	var f ringFile
	if err := json.Unmarshal(text, &f); err != nil || f.Version != 1 {
		return nil, fmt.Errorf("%s is not a Fera key file", path)
	}
	body := f.Body
	if f.Salt != nil {
		if body, err = passCipher(passphrase, f.Salt).Decrypt(f.Body, f.Salt); err != nil {
			return nil, ErrPassphrase
		}
	}
	var b ringBody
	if err := json.Unmarshal(body, &b); err != nil {
		return nil, fmt.Errorf("%s is damaged", path)
	}
	root, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader([]byte(b.Root))))
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return newRing(root, b.Sign, b.Mac)
}

// makeRing makes a ring in a file that is not there yet. When two processes do so
// at once, both get the ring of the one that was first.
func makeRing(path, passphrase string) (*Ring, error) {
	ring, err := NewRing("fera")
	if err != nil {
		return nil, err
	}
	err = ring.save(path, passphrase, os.Link)
	if errors.Is(err, os.ErrExist) {
		return LoadRing(path, passphrase, false)
	}
	return ring, err
}

// Save writes the ring, readable by its owner only, replacing the file in one step.
func (r *Ring) Save(path, passphrase string) error { return r.save(path, passphrase, os.Rename) }

func (r *Ring) save(path, passphrase string, place func(from, to string) error) error {
	r.mu.Lock()
	handle := r.root
	r.mu.Unlock()
	var root bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&root)); err != nil {
		return err
	}
	body, err := json.Marshal(ringBody{Root: root.String(), Sign: r.signKey, Mac: r.mac})
	if err != nil {
		return err
	}
	f := ringFile{Version: 1, Body: body}
	if passphrase != "" {
		f.Salt = make([]byte, 16)
		rand.Read(f.Salt)
		if f.Body, err = passCipher(passphrase, f.Salt).Encrypt(body, f.Salt); err != nil {
			return err
		}
	}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return writeFile(path, text, place)
}

// passCipher derives the wrapping key: argon2id, 64 MiB, three passes.
func passCipher(passphrase string, salt []byte) tink.AEAD {
	c, err := subtle.NewAESGCM(argon2.IDKey([]byte(passphrase), salt, 3, 64<<10, 2, 32))
	if err != nil {
		panic(err) // only for a key of the wrong length
	}
	return c
}

// writeFile writes a file whole and puts it in its place. It is on the disk, name
// and all, when writeFile returns: without its key a database is worth nothing.
func writeFile(path string, text []byte, place func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := place(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Rotate adds a fresh root key, under which everything is wrapped from now on.
// What older root keys wrapped stays readable until Rewrap has gone over it.
func (r *Ring) Rotate() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := keyset.NewManagerFromHandle(r.root)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return err
	}
	if err := m.SetPrimary(id); err != nil {
		return err
	}
	root, err := m.Handle()
	if err != nil {
		return err
	}
	cipher, err := aead.New(root)
	if err != nil {
		return err
	}
	r.root, r.cipher = root, cipher
	return nil
}

// Wrap implements db.Keys.
func (r *Ring) Wrap(plain []byte, context string) ([]byte, error) {
	return r.current().Encrypt(plain, []byte(context))
}

// Unwrap implements db.Keys.
func (r *Ring) Unwrap(sealed []byte, context string) ([]byte, error) {
	return r.current().Decrypt(sealed, []byte(context))
}

func (r *Ring) current() tink.AEAD {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cipher
}

// Signer signs checkpoints of the trail.
func (r *Ring) Signer() (note.Signer, error) { return note.NewSigner(r.signKey) }

// Verifier is the public half of Signer, in the form that others keep to check checkpoints.
func (r *Ring) Verifier() (string, error) {
	s, err := note.NewSigner(r.signKey)
	if err != nil {
		return "", err
	}
	return verifierOf(r.signKey, s)
}

// MacKey authenticates the entries of the trail.
func (r *Ring) MacKey() []byte { return r.mac }

// verifierOf derives the public key text from the private one: the seed is the last part.
func verifierOf(private string, s note.Signer) (string, error) {
	parts := bytes.SplitN([]byte(private), []byte("+"), 5)
	if len(parts) != 5 {
		return "", errors.New("malformed signing key")
	}
	key, err := base64.StdEncoding.DecodeString(string(parts[4]))
	if err != nil || len(key) != 33 {
		return "", errors.New("malformed signing key")
	}
	return note.NewEd25519VerifierKey(s.Name(), publicOf(key[1:]))
}
