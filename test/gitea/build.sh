#!/usr/bin/env bash
# Builds the real Gitea that tests talk to, once, into a cache folder outside the repository, from its Go
# module; prints where it stands. Go takes the replaces and excludes of the main module alone, so the
# module that is built here repeats those of Gitea's own.
set -euo pipefail
version=v1.25.5
# What the checksum database says of that version: another module under its name is not built.
module_sum="h1:OfdT1TrOmAA+AVeY8S9CVU1jJfXIk8teXfiBgDeHEUI="
mod_sum="h1:CkF5u+5TYz80P66HlsuNLCL9Or7FfyVX841T1sIFP4E="

cache="${PRUNELLA_GITEA:-${XDG_CACHE_HOME:-$HOME/.cache}/prunella/gitea-$version}"
if [ -x "$cache/gitea" ] && [ -d "$cache/static/templates" ]; then
  echo "$cache"
  exit 0
fi

work="$(mktemp -d)"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
said="$(GOFLAGS=-mod=mod go mod download -json "code.gitea.io/gitea@$version")"
field() { sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" <<<"$said" | head -1; }
source_dir="$(field Dir)"
if [ "$(field Sum)" != "$module_sum" ] || [ "$(field GoModSum)" != "$mod_sum" ]; then
  echo "code.gitea.io/gitea $version has another checksum than the one written down here" >&2
  exit 1
fi
sed "s#^module code.gitea.io/gitea#module prunella.test/gitea\n\nrequire code.gitea.io/gitea $version#" "$source_dir/go.mod" >go.mod
{
  cat "$source_dir/go.sum"
  echo "code.gitea.io/gitea $version $module_sum"
  echo "code.gitea.io/gitea $version/go.mod $mod_sum"
} >go.sum
echo "building Gitea $version, once: some minutes" >&2
mkdir -p "$cache/static"
CGO_ENABLED=1 GOFLAGS=-mod=mod go build -tags "sqlite sqlite_unlock_notify" -ldflags "-s -w -X code.gitea.io/gitea/modules/setting.AppVer=${version#v}" -o "$cache/gitea.new" code.gitea.io/gitea
for folder in templates options public; do
  rm -rf "$cache/static/$folder"
  cp -r "$source_dir/$folder" "$cache/static/$folder"
done
# A server that tests run as a user of its own reads them; nobody writes them.
chmod -R u=rwX,go=rX "$cache/static"
mv "$cache/gitea.new" "$cache/gitea"
echo "$cache"
