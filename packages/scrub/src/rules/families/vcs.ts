import { near, prefixed, type Family } from "./family.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Code hosting, package registries and what developers sign in to. */
export const VCS_FAMILIES: readonly Family[] = [
  // Classic tokens are 36 long with a checksum; installation tokens may be longer and carry dots.
  prefixed("github-token", "gh[pousr]_[A-Za-z0-9][A-Za-z0-9_.-]{34,254}", "docs.github.com: about authentication", {
    keywords: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
    inWord: true,
  }),
  prefixed("github-fine-grained-token", "github_pat_[A-Za-z0-9_]{80,255}", "docs.github.com: fine-grained tokens", {
    type: "GITHUB_TOKEN",
    inWord: true,
  }),
  prefixed("github-legacy-app-token", "v1[.][0-9a-f]{40}", "docs.github.com: installation tokens before 2021", {
    type: "GITHUB_TOKEN",
    keywords: ["v1."],
    exact: true,
  }),
  near("github-oauth-secret", "github", "[0-9a-f]{40}", "docs.github.com: OAuth app client secret, tokens before 2021"),
  prefixed(
    "gitlab-token",
    "gl(?:(?:pat|dt|rtr?|cbt|ft|soat|ffct|wt|ptt)-[A-Za-z0-9_-]{27,300}[.][0-9a-z]{2}[.]?[0-9a-z]{7,9}|(?:pat|dt|rtr?|cbt|ft|soat|ffct|wt)-[A-Za-z0-9_-]{20,50}|imt-[A-Za-z0-9_-]{25}|ptt-[A-Za-z0-9_-]{40}|agent-[A-Za-z0-9_-]{50,255}|oas-[A-Za-z0-9_-]{64})",
    "docs.gitlab.com: token overview, prefixes; routable tokens carry their length and checksum behind a dot",
    {
      exact: true,
      keywords: "glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glimt- glagent- gloas- glsoat- glffct- glwt-".split(" "),
      inWord: true,
    },
  ),
  prefixed(
    "gitlab-runner-registration-token",
    "GR1348941[A-Za-z0-9_-]{20,50}",
    "docs.gitlab.com: runner registration",
    {
      exact: true,
      type: "GITLAB_TOKEN",
      inWord: true,
    },
  ),
  near("gitlab-legacy-token", "gitlab", "[A-Za-z0-9_-]{20}", "docs.gitlab.com: personal tokens before 14.5"),
  prefixed("bitbucket-app-password", "ATBB[A-Za-z0-9]{24,40}", "support.atlassian.com: app passwords"),
  prefixed("bitbucket-access-token", "ATCTT3xFfGN0[A-Za-z0-9_=-]{100,350}", "support.atlassian.com: access tokens"),
  near("bitbucket-client-secret", "bitbucket", "[A-Za-z0-9_=-]{32,64}", "support.atlassian.com: OAuth consumers"),
  prefixed("atlassian-api-token", "ATATT3xFf[A-Za-z0-9_=-]{100,350}", "support.atlassian.com: API tokens"),
  near(
    "atlassian-legacy-token",
    "atlassian jira confluence",
    "[A-Za-z0-9]{24}",
    "support.atlassian.com: API tokens before 2022",
  ),
  near(
    "azure-devops-token",
    "azure_devops azuredevops azdo ado_pat system_accesstoken vsts",
    "[a-z2-7]{52}|[A-Za-z0-9]{84}",
    "learn.microsoft.com: personal access tokens",
  ),
  near("gitea-token", "gitea forgejo codeberg", "[0-9a-f]{40}", "docs.gitea.com: access tokens"),
  prefixed("sourcegraph-token", "sgp_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}", "sourcegraph.com/docs: access tokens"),
  prefixed("sourcegraph-cody-token", "(?:sgd|slk)_[0-9a-f]{64}", "sourcegraph.com/docs: gateway tokens", {
    keywords: ["sgd_", "slk_"],
  }),
  prefixed("npm-token", "npm_[A-Za-z0-9]{36,64}", "docs.npmjs.com: about access tokens"),
  prefixed("pypi-token", "pypi-Ag[A-Za-z0-9_-]{40,260}", "pypi.org/help: API tokens (macaroons)"),
  prefixed("rubygems-token", "rubygems_[0-9a-f]{48}", "guides.rubygems.org: API keys"),
  prefixed("crates-io-token", "cio[A-Za-z0-9]{32}", "doc.rust-lang.org/cargo: publishing", { exact: true }),
  prefixed("nuget-key", "oy2[a-z0-9]{43}", "learn.microsoft.com/nuget: API keys", { exact: true }),
  prefixed("clojars-token", "CLOJARS_[0-9a-f]{60}", "github.com/clojars: deploy tokens"),
  prefixed(
    "packagist-token",
    "packagist_(?:ort|uut|out)_[0-9a-f]{60,80}",
    "packagist.com/docs: authentication tokens",
    {
      keywords: ["packagist_"],
    },
  ),
  near("packagist-legacy-token", "packagist", "[A-Za-z0-9_-]{20}|[0-9a-f]{60,80}", "packagist.org: API token"),
  prefixed("docker-token", "dckr_[po]at_[A-Za-z0-9_-]{24,64}", "docs.docker.com: access tokens", {
    keywords: ["dckr_pat_", "dckr_oat_"],
    inWord: true,
  }),
  near(
    "docker-hub-legacy-token",
    "docker dockerhub",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "docs.docker.com: tokens before 2021",
  ),
  prefixed("artifactory-key", "AKC[A-Za-z0-9]{10,90}", "jfrog.com/help: API key", { exact: true }),
  prefixed("artifactory-encrypted-password", "AP[0-9A-F][A-Za-z0-9]{10,90}", "jfrog.com/help: encrypted passwords", {
    keywords: [..."0123456789abcdef"].map((digit) => `ap${digit}`),
    exact: true,
    notInBase64: true,
  }),
  prefixed("artifactory-reference-token", "cmVmdGtu[A-Za-z0-9]{50,60}", "jfrog.com/help: reference tokens", {
    keywords: ["cmvmdgtu"],
  }),
  near("cloudsmith-key", "cloudsmith", "[0-9a-f]{40}", "help.cloudsmith.io: API key"),
  near(
    "anaconda-token",
    "anaconda conda",
    "[a-z]{2}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "docs.anaconda.com: tokens",
  ),
  near("hex-pm-key", "hex_api hex.pm hexpm", "[0-9a-f]{32}", "hex.pm/docs: keys"),
  near("pub-dev-token", "pub.dev pubdev pub_token", "[A-Za-z0-9_-]{32,64}", "dart.dev: pub token"),
  near(
    "codecov-token",
    "codecov",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-z]{32}",
    "docs.codecov.com: upload token",
  ),
  near("coveralls-token", "coveralls", "[A-Za-z0-9]{33}", "docs.coveralls.io: repo token"),
  near("codacy-token", "codacy", "[A-Za-z0-9]{20}|[0-9a-f]{32}", "docs.codacy.com: tokens"),
  near(
    "code-climate-token",
    "codeclimate code_climate cc_test_reporter_id",
    "[0-9a-f]{40}|[0-9a-f]{64}",
    "docs.codeclimate.com: tokens",
  ),
  near("gitter-token", "gitter", "[a-z0-9_-]{40}", "developer.gitter.im: authentication"),
  near("gerrit-password", "gerrit", "[A-Za-z0-9+/]{40,44}", "gerrit-review.googlesource.com: HTTP credentials"),
  prefixed("sonar-token", "sq[upa]_[0-9a-f]{40}", "docs.sonarsource.com: tokens", {
    keywords: ["squ_", "sqp_", "sqa_"],
  }),
  near("sonar-legacy-token", "sonar", "[A-Za-z0-9]{40}", "docs.sonarsource.com: tokens before 9.1"),
  near("snyk-token", "snyk", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "docs.snyk.io: API token"),
  prefixed(
    "snyk-platform-token",
    "snyk_(?:uat|sat)[.][A-Za-z0-9]{8}[.]eyJ[A-Za-z0-9._-]{40,250}",
    "docs.snyk.io: personal access tokens",
    {
      keywords: ["snyk_uat.", "snyk_sat."],
    },
  ),
  prefixed("postman-key", "PMAK-[0-9a-f]{24}-[0-9a-f]{34}", "learning.postman.com: API keys", { inWord: true }),
  prefixed("postman-collection-key", "PMAT-[A-Z0-9]{26}", "learning.postman.com: collection access keys"),
  prefixed("readme-key", "rdme_[a-z0-9]{70}", "docs.readme.com: API keys"),
  near(
    "swaggerhub-key",
    "swaggerhub",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "support.smartbear.com: API key",
  ),
  prefixed("linear-token", "lin_(?:api|oauth|wh)_[A-Za-z0-9]{32,80}", "linear.app/developers: API keys", {
    keywords: ["lin_api_", "lin_oauth_", "lin_wh_"],
    inWord: true,
  }),
  near("linear-client-secret", "linear", "[0-9a-f]{32}", "linear.app/developers: OAuth"),
  prefixed("dependency-track-key", "odt_(?:[A-Za-z0-9]{8}_)?[A-Za-z0-9]{32,255}", "docs.dependencytrack.org: API keys"),
  prefixed("stackhawk-key", "hawk[.][A-Za-z0-9_-]{20}[.][A-Za-z0-9_-]{20}", "docs.stackhawk.com: API keys"),
  prefixed("socket-token", "sktsec_[A-Za-z0-9_-]{30,70}_api", "docs.socket.dev: API tokens"),
  prefixed("aikido-token", "AIK_(?:CI|SECRET|PAT)_[A-Za-z0-9]{20,80}", "help.aikido.dev: API tokens", {
    keywords: ["aik_"],
  }),
  prefixed("open-vsx-token", `ovsx(?:at|p)_${UUID}`, "github.com/eclipse/openvsx: access tokens", {
    keywords: ["ovsxat_", "ovsxp_"],
  }),
  prefixed("jsr-token", "jsr[dp]_[A-Za-z0-9]{40,64}", "jsr.io/docs: tokens", { keywords: ["jsrd_", "jsrp_"] }),
];
