// Command cosignature checks a cosigned checkpoint with transparency-dev's formats packages, which share
// no code with Prunella, and cosigns one itself for Prunella to check.
//
//	cosignature check CHECKPOINT_FILE LEDGER_VKEY WITNESS_VKEY      prints the time of the cosignature
//	cosignature sign CHECKPOINT_FILE LEDGER_VKEY                    prints a fresh witness's vkey and its signature line
package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"strings"

	"github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	if len(os.Args) < 4 {
		fail("usage: cosignature check|sign CHECKPOINT LEDGER_VKEY [WITNESS_VKEY]")
	}
	signed, err := os.ReadFile(os.Args[2])
	check(err, "read")
	ledger, err := note.NewVerifier(os.Args[3])
	check(err, "ledger vkey")
	switch os.Args[1] {
	case "check":
		cosigned(signed, ledger, os.Args[4])
	case "sign":
		cosign(signed, ledger)
	default:
		fail("unknown command")
	}
}

func cosigned(signed []byte, ledger note.Verifier, vkey string) {
	witness, err := fnote.NewVerifierForCosignatureV1(vkey)
	check(err, "witness vkey")
	checkpoint, _, opened, err := log.ParseCheckpoint(signed, ledger.Name(), ledger, witness)
	check(err, "checkpoint")
	for _, signature := range opened.Sigs {
		if signature.Name == witness.Name() && signature.Hash == witness.KeyHash() {
			at, err := fnote.CoSigV1Timestamp(signature)
			check(err, "time")
			fmt.Printf("ok %d entries, cosigned %d\n", checkpoint.Size, at.Unix())
			return
		}
	}
	fail("no cosignature of %s holds", witness.Name())
}

func cosign(signed []byte, ledger note.Verifier) {
	opened, err := note.Open(signed, note.VerifierList(ledger))
	check(err, "note")
	key, plain, err := note.GenerateKey(rand.Reader, "witness.example/go")
	check(err, "key")
	vkey, err := fnote.VKeyToCosignatureV1(plain)
	check(err, "vkey")
	signer, err := fnote.NewSignerForCosignatureV1(key)
	check(err, "signer")
	both, err := note.Sign(&note.Note{Text: opened.Text}, signer)
	check(err, "sign")
	lines := strings.SplitN(string(both), "\n\n", 2)
	fmt.Printf("%s\n%s", vkey, lines[1])
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
