// Go's x/crypto/ssh against the server: commands on one connection, data, a refused key.
// usage: client PORT USER KEY
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
)

func expect(holds bool, what string, detail interface{}) {
	if !holds {
		fmt.Fprintln(os.Stderr, what, detail)
		os.Exit(1)
	}
}

func dial(port, user string, signer ssh.Signer) (*ssh.Client, error) {
	return ssh.Dial("tcp", "127.0.0.1:"+port, &ssh.ClientConfig{User: user,
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey()})
}

func main() {
	text, err := os.ReadFile(os.Args[3])
	expect(err == nil, "key", err)
	signer, err := ssh.ParsePrivateKey(text)
	expect(err == nil, "key", err)

	_, private, _ := ed25519.GenerateKey(rand.Reader)
	stranger, _ := ssh.NewSignerFromKey(private)
	_, err = dial(os.Args[1], os.Args[2], stranger)
	expect(err != nil && strings.Contains(err.Error(), "unable to authenticate"), "a stranger's key", err)

	client, err := dial(os.Args[1], os.Args[2], signer)
	expect(err == nil, "dial", err)
	session, err := client.NewSession()
	expect(err == nil, "session", err)
	out, err := session.Output("echo hello; exit 7")
	status, is := err.(*ssh.ExitError)
	expect(string(out) == "hello\n" && is && status.ExitStatus() == 7, "command", err)

	data := make([]byte, 4<<20)
	rand.Read(data)
	session, err = client.NewSession()
	expect(err == nil, "second session", err)
	session.Stdin = bytes.NewReader(data)
	out, err = session.Output("cat")
	expect(err == nil && bytes.Equal(out, data), "data both ways", err)

	session, _ = client.NewSession()
	expect(session.RequestPty("xterm", 43, 132, ssh.TerminalModes{ssh.ECHO: 0}) == nil, "terminal", nil)
	out, err = session.Output("stty size")
	expect(err == nil && strings.TrimSpace(string(out)) == "43 132", "its size", string(out))
	client.Close()
}
