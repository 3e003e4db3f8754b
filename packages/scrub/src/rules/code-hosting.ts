import { tokenRule, type Rule } from "../rule.ts";

/** Tokens of code hosting, CI and package registries, from the vendors' documented formats. */
export const CODE_HOSTING: readonly Rule[] = [
  tokenRule({
    name: "github-token",
    type: "GITHUB_TOKEN",
    keywords: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
    // Classic tokens are 36 long; installation tokens may be longer and carry dots.
    pattern: /gh[pousr]_[A-Za-z0-9][A-Za-z0-9_.-]{29,254}/y,
    boundary: false,
    example: () => "ghp_" + "aB3".repeat(12),
  }),
  tokenRule({
    name: "github-fine-grained-token",
    type: "GITHUB_TOKEN",
    keywords: ["github_pat_"],
    pattern: /github_pat_[A-Za-z0-9_]{22,255}/y,
    boundary: false,
    example: () => "github_pat_" + "11ABCDEFG0".repeat(8),
  }),
  tokenRule({
    name: "gitlab-token",
    type: "GITLAB_TOKEN",
    keywords: ["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "glffct-"],
    pattern: /gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_-]{20,255}(?:\.[A-Za-z0-9._-]{1,60})?/y,
    boundary: false,
    example: () => "glpat-" + "xY9-".repeat(5),
  }),
  tokenRule({
    name: "npm-token",
    type: "NPM_TOKEN",
    keywords: ["npm_"],
    pattern: /npm_[A-Za-z0-9]{36,64}/y,
    example: () => "npm_" + "aB3".repeat(12),
  }),
  tokenRule({
    name: "pypi-token",
    type: "PYPI_TOKEN",
    keywords: ["pypi-"],
    pattern: /pypi-AgE[A-Za-z0-9_-]{40,250}/y,
    example: () => "pypi-" + "AgEIcHlwaS5vcmc" + "aB3_".repeat(15),
  }),
  tokenRule({
    name: "docker-token",
    type: "DOCKER_TOKEN",
    keywords: ["dckr_pat_", "dckr_oat_"],
    pattern: /dckr_[po]at_[A-Za-z0-9_-]{24,64}/y,
    boundary: false,
    example: () => "dckr_pat_" + "aB3_".repeat(7),
  }),
  tokenRule({
    name: "rubygems-token",
    type: "RUBYGEMS_TOKEN",
    keywords: ["rubygems_"],
    pattern: /rubygems_[0-9a-f]{48}/y,
    example: () => "rubygems_" + "a1b2".repeat(12),
  }),
  tokenRule({
    name: "linear-token",
    type: "LINEAR_TOKEN",
    keywords: ["lin_api_", "lin_oauth_"],
    pattern: /lin_(?:api|oauth)_[A-Za-z0-9]{32,80}/y,
    boundary: false,
    example: () => "lin_api_" + "aB3d".repeat(10),
  }),
  tokenRule({
    name: "postman-key",
    type: "POSTMAN_KEY",
    keywords: ["pmak-"],
    pattern: /PMAK-[0-9a-f]{24}-[0-9a-f]{34}/y,
    boundary: false,
    example: () => "PMAK-" + "a1b2c3".repeat(4) + "-" + "ab".repeat(17),
  }),
  tokenRule({
    name: "sentry-token",
    type: "SENTRY_TOKEN",
    keywords: ["sntrys_", "sntryu_"],
    pattern: /sntry(?:s_[A-Za-z0-9+/=_-]{30,380}|u_[0-9a-f]{64})/y,
    boundary: false,
    example: () => "sntrys_" + "eyJpYXQiOjE3".repeat(6),
  }),
];
