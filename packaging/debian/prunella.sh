#!/bin/sh
# The Node that came with the package, whatever else is installed.
root="${0%/*}/../lib/prunella"
exec "$root/node/bin/node" "$root/bin/prunella.js" "$@"
