/** What programs above the core are, ask for and may. */
export * from "./artifact.ts";
export * from "./broker-methods.ts";
export * from "./engine-range.ts";
export * from "./fields.ts";
export * from "./forge-methods.ts";
export * from "./manifest.ts";
export * from "./names.ts";
export * from "./outside.ts";
export * from "./problems.ts";
export * from "./requests.ts";
export * from "./resources.ts";
export * from "./scopes.ts";
export * from "./standing.ts";
