#!/usr/bin/env node
// Old syntax on purpose: a Node that is too old must be able to read this file, to hand over or to say so.
var parts = process.versions.node.split(".").map(Number);
if (parts[0] < 24 || (parts[0] === 24 && parts[1] < 12)) {
  void import("./own-node.js").then(function (own) {
    own.handOver(process.argv.slice(2));
  });
} else {
  void import("./entry.js").then(function (entry) {
    return entry.start(process.argv.slice(2));
  });
}
