// Command ledger-oracle checks a ledger folder with Go's own golang.org/x/mod/sumdb packages, which
// share no code with Prunella. It reads every tile through tlog's authenticating reader.
//
//	ledger-oracle FOLDER VKEY [OLD_CHECKPOINT_FILE CONSISTENCY_FILE] [PROOF_FILE...]
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // C2SP tiles are 256 wide

func main() {
	if len(os.Args) < 3 {
		fail("usage: ledger-oracle FOLDER VKEY [OLD_CHECKPOINT CONSISTENCY] [PROOF...]")
	}
	folder, vkey := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(vkey)
	check(err, "vkey")

	tree := openCheckpoint(read(filepath.Join(folder, "checkpoint")), verifier)
	reader := tlog.TileHashReader(tree, &files{folder})

	root, err := tlog.TreeHash(tree.N, reader)
	check(err, "tree hash")
	if root != tree.Hash {
		fail("the tiles do not lead to the checkpoint's root")
	}

	proved := checkEntries(folder, tree, reader)

	args := os.Args[3:]
	if len(args) >= 2 {
		checkConsistency(args[0], args[1], tree, reader, verifier)
		for _, path := range args[2:] {
			checkProof(path, verifier)
		}
	}
	fmt.Printf("ok %d entries, %d proved\n", tree.N, proved)
}

func openCheckpoint(signed []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err, "checkpoint note")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		fail("the checkpoint is not three lines")
	}
	if lines[0] != verifier.Name() {
		fail("the origin is not the key's name")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "checkpoint size")
	hash, err := tlog.ParseHash(lines[2])
	check(err, "checkpoint root")
	return tlog.Tree{N: size, Hash: hash}
}

// checkEntries compares every entry with its leaf, and proves a spread of them.
func checkEntries(folder string, tree tlog.Tree, reader tlog.HashReader) int {
	proved := 0
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		if width > 256 {
			width = 256
		}
		bundle := read(filepath.Join(folder, filepath.FromSlash(tilePath("entries", first/256, int(width)))))
		var indexes []int64
		var hashes []tlog.Hash
		for i := int64(0); i < width; i++ {
			if len(bundle) < 2 {
				fail("bundle %d is too short", first/256)
			}
			length := int(binary.BigEndian.Uint16(bundle))
			if len(bundle) < 2+length {
				fail("bundle %d is cut short", first/256)
			}
			hashes = append(hashes, tlog.RecordHash(bundle[2:2+length]))
			indexes = append(indexes, tlog.StoredHashIndex(0, first+i))
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			fail("bundle %d has bytes left over", first/256)
		}
		leaves, err := reader.ReadHashes(indexes)
		check(err, "leaf hashes")
		for i, hash := range hashes {
			index := first + int64(i)
			if hash != leaves[i] {
				fail("entry %d does not match its leaf", index)
			}
			// All of a small ledger; of a big one the edges of each bundle.
			if tree.N <= 1024 || i == 0 || i == len(hashes)-1 {
				proof, err := tlog.ProveRecord(tree.N, index, reader)
				check(err, "inclusion proof")
				check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, hash), "inclusion")
				proved++
			}
		}
	}
	return proved
}

// checkConsistency takes our own proof, and compares it with the one that Go makes from our tiles.
func checkConsistency(oldPath, proofPath string, tree tlog.Tree, reader tlog.HashReader, verifier note.Verifier) {
	old := openCheckpoint(read(oldPath), verifier)
	ours := parseHashes(string(read(proofPath)))
	theirs, err := tlog.ProveTree(tree.N, old.N, reader)
	check(err, "consistency proof")
	check(tlog.CheckTree(theirs, tree.N, tree.Hash, old.N, old.Hash), "consistency")
	check(tlog.CheckTree(ours, tree.N, tree.Hash, old.N, old.Hash), "consistency by our proof")
	if len(ours) != len(theirs) {
		fail("our consistency proof has another length")
	}
}

// checkProof reads PROOF_FILE, a tlog-proof, and the entry beside it in PROOF_FILE.entry.
func checkProof(path string, verifier note.Verifier) {
	head, signed, found := bytes.Cut(read(path), []byte("\n\n"))
	lines := strings.SplitN(string(head), "\n", 3)
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		fail("%s is not a tlog-proof", path)
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	check(err, "proof index")
	var proof []tlog.Hash
	if len(lines) == 3 {
		proof = parseHashes(lines[2])
	}
	tree := openCheckpoint(signed, verifier)
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(read(path+".entry"))), path)
}

func parseHashes(text string) []tlog.Hash {
	var hashes []tlog.Hash
	for _, line := range strings.Fields(text) {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		check(err, "hash")
		if len(raw) != tlog.HashSize {
			fail("a hash of %d bytes", len(raw))
		}
		var hash tlog.Hash
		copy(hash[:], raw)
		hashes = append(hashes, hash)
	}
	return hashes
}

// files gives tlog our tiles. Paths are C2SP's, which lack the height that Go's own carry.
type files struct{ folder string }

func (f *files) Height() int { return height }

func (f *files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := tilePath(strconv.Itoa(tile.L), tile.N, tile.W)
		read, err := os.ReadFile(filepath.Join(f.folder, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		data[i] = read
	}
	return data, nil
}

func (f *files) SaveTiles([]tlog.Tile, [][]byte) {}

func tilePath(level string, n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	path = "tile/" + level + "/" + path
	if width != 256 {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	check(err, "read")
	return data
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
