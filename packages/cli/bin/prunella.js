#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must be able to read this file to say so.
var parts = process.versions.node.split(".").map(Number);
if (parts[0] < 24 || (parts[0] === 24 && parts[1] < 12)) {
  process.stderr.write(
    "prunella: Prunella needs Node 24.12 or newer and this is " +
      process.versions.node +
      "; in this checkout `npx --no-install prunella` and `npm start` bring the right one.\n",
  );
  process.exit(1);
} else {
  void import("./entry.js").then(function (entry) {
    return entry.start(process.argv.slice(2));
  });
}
