/** Imports run one way: cli → server → kernel → scrub → contract; console → contract. */
const inside = (name) => `^packages/${name}/`;
const forbid = (from, to) => ({
  name: `${from}-knows-no-${to.replaceAll("|", "-")}`,
  severity: "error",
  comment: "ARCHITECTURE.md, the way of imports",
  from: { path: inside(from), pathNot: "(\\.test\\.tsx?|-fixture\\.ts|/test/.*)$" },
  to: { path: inside(`(${to})`) },
});

module.exports = {
  forbidden: [
    forbid("contract", "scrub|kernel|server|cli|console"),
    forbid("scrub", "kernel|server|cli|console"),
    forbid("kernel", "server|cli|console"),
    forbid("server", "cli"),
    forbid("cli", "console"),
    forbid("console", "scrub|kernel|server|cli"),
    {
      name: "only-platform-does-io",
      severity: "error",
      comment: "src/platform is the only importer of modules that reach the machine; http and static files are doors",
      from: { path: "^packages/server/src/", pathNot: "(^packages/server/src/(platform|http|doors)/|config\\.ts$|server\\.ts$|\\.test\\.ts$|-fixture\\.ts$)" },
      to: { path: "^(node:)?(fs|fs/promises|net|child_process|sqlite|os|dgram|tls|worker_threads)$|node_modules/pg/" },
    },
    { name: "no-cycles", severity: "error", from: { path: "^packages/" }, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"], extensions: [".ts", ".tsx", ".js", ".mjs"] },
  },
};
