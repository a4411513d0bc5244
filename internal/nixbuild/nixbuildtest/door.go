package nixbuildtest

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gliderlabs/ssh"
	gossh "golang.org/x/crypto/ssh"
)

// Door is nixbuild.net's ssh door: a real ssh server on the loopback interface that lets the user authtoken in, and
// runs a real `nix-daemon --stdio` on a store of its own, and nothing else.
type Door struct {
	// Options is the value of NIX_SSHOPTS; its file is written as nixbuild-action writes it, host alias included.
	Options string

	t        testing.TB
	token    string
	store    string
	mu       sync.Mutex
	sessions []map[string]string
}

// OpenDoor opens a door to a store directory. A session without the token, or for anything but nix-daemon, fails
// the test.
func OpenDoor(t testing.TB, token, store string) *Door {
	t.Helper()
	d := &Door{t: t, token: token, store: store}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := gossh.NewSignerFromSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &ssh.Server{Handler: d.session}
	server.AddHostKey(signer)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	d.Options = "-F" + d.writeConfig(listener.Addr().String(), signer.PublicKey())
	return d
}

// Sessions are the environments that the clients sent, by name, one for each connection.
func (d *Door) Sessions() []map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]map[string]string{}, d.sessions...)
}

func (d *Door) session(s ssh.Session) {
	environment := map[string]string{}
	for _, kv := range s.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		environment[name] = value
	}
	d.mu.Lock()
	d.sessions = append(d.sessions, environment)
	d.mu.Unlock()
	if s.User() != "authtoken" || environment["NIXBUILDNET_TOKEN"] != d.token {
		d.t.Errorf("ssh: user %q came without the token", s.User())
		_ = s.Exit(1)
		return
	}
	if command := s.RawCommand(); command != "nix-daemon --stdio" {
		d.t.Errorf("ssh: asked to run %q", command)
		_ = s.Exit(1)
		return
	}
	_ = s.Exit(d.daemon(s))
}

// daemon serves one connection and gives the exit code.
func (d *Door) daemon(s ssh.Session) int {
	cmd := exec.CommandContext(s.Context(), "nix-daemon", "--stdio", "--store", d.store)
	cmd.Stdout, cmd.Stderr = s, s.Stderr()
	stdin, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		d.t.Errorf("ssh: %v", err)
		return 1
	}
	go func() { // ends with the connection
		_, _ = io.Copy(stdin, s)
		_ = stdin.Close()
	}()
	if err := cmd.Wait(); err != nil {
		return 1
	}
	return 0
}

// writeConfig writes the ssh configuration that nixbuild-action leaves for later steps.
func (d *Door) writeConfig(address string, host gossh.PublicKey) string {
	dir := d.t.TempDir()
	ip, port, _ := strings.Cut(address, ":")
	known := filepath.Join(dir, "known_hosts")
	config := filepath.Join(dir, "config")
	d.write(known, "nixbuild "+string(gossh.MarshalAuthorizedKey(host)))
	d.write(config, fmt.Sprintf(`Host nixbuild
Hostname %s
Port %s
HostKeyAlias nixbuild
LogLevel ERROR
StrictHostKeyChecking yes
UserKnownHostsFile %s
ControlPath none
ServerAliveInterval 60
IPQoS throughput
PreferredAuthentications none
User authtoken
SendEnv NIXBUILDNET_OIDC_ID_TOKEN
SendEnv NIXBUILDNET_TOKEN
`, ip, port, known))
	return config
}

func (d *Door) write(path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}
