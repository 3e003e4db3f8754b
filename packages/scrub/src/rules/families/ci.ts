import { near, prefixed, type Family } from "./family.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Build, deployment, configuration and feature switches. */
export const CI_FAMILIES: readonly Family[] = [
  prefixed("circleci-token", "CCI(?:PAT|PRJ)_[A-Za-z0-9]{20,24}_[0-9a-f]{40}", "circleci.com/docs: API tokens", {
    keywords: ["ccipat_", "cciprj_"],
  }),
  near(
    "circleci-legacy-token",
    "circleci circle_ci circle-token circle_token",
    "[0-9a-f]{40}",
    "circleci.com/docs: API tokens before 2023",
  ),
  prefixed("buildkite-token", "bk(?:ua|aj|ct|pt)_[A-Za-z0-9_-]{36,80}", "buildkite.com/docs: API access tokens", {
    keywords: ["bkua_", "bkaj_", "bkct_", "bkpt_"],
  }),
  near("buildkite-legacy-token", "buildkite", "[0-9a-f]{40}|[0-9a-f]{50}", "buildkite.com/docs: agent tokens"),
  near("travis-token", "travis", "[A-Za-z0-9_-]{22}", "docs.travis-ci.com: API token"),
  near("drone-token", "drone", "[A-Za-z0-9]{32}", "docs.drone.io: tokens"),
  near("jenkins-token", "jenkins", "11[0-9a-f]{32}|[0-9a-f]{32}", "jenkins.io/doc: API token"),
  prefixed(
    "teamcity-token",
    "eyJ0eXAiOiAiVENWMiJ9[.][A-Za-z0-9_-]{30,80}[.][A-Za-z0-9_-]{40,80}",
    "jetbrains.com/help/teamcity: access tokens",
    {
      keywords: ["eyj0exaioiaivenwmij9."],
    },
  ),
  prefixed(
    "jetbrains-hub-token",
    "perm[:-][A-Za-z0-9=+/]{8,60}[.][A-Za-z0-9=+/-]{2,60}[.][A-Za-z0-9]{20,60}",
    "jetbrains.com/help/youtrack: permanent tokens",
    {
      keywords: ["perm:", "perm-"],
    },
  ),
  prefixed("appveyor-token", "v2[.][a-z0-9]{20}", "appveyor.com/docs: API keys", { keywords: ["v2."], exact: true }),
  prefixed("octopus-deploy-key", "API-[A-Z0-9]{25,32}", "octopus.com/docs: API key", { exact: true }),
  prefixed(
    "harness-token",
    "(?:pat|sat)[.][A-Za-z0-9_-]{22}[.][0-9a-f]{24}[.][A-Za-z0-9]{20}",
    "developer.harness.io: API keys",
    {
      keywords: ["pat.", "sat."],
    },
  ),
  prefixed("netlify-token", "nf[pocbu]_[A-Za-z0-9_-]{36,44}", "docs.netlify.com: tokens", {
    keywords: ["nfp_", "nfo_", "nfc_", "nfb_", "nfu_"],
  }),
  near("netlify-legacy-token", "netlify", "[A-Za-z0-9_-]{43,46}", "docs.netlify.com: personal access tokens"),
  // Personal, integration, app access, app refresh and AI gateway keys.
  prefixed("vercel-token", "vc[pirak]_[A-Za-z0-9]{24,70}", "vercel.com/docs: tokens", {
    keywords: ["vcp_", "vci_", "vcr_", "vca_", "vck_"],
  }),
  near("vercel-legacy-token", "vercel zeit", "[A-Za-z0-9]{24}", "vercel.com/docs: tokens before 2025"),
  prefixed("vercel-blob-token", "vercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{30}", "vercel.com/docs: blob storage"),
  prefixed("render-key", "rnd_[A-Za-z0-9]{28,40}", "render.com/docs: API"),
  near("railway-token", "railway", UUID, "docs.railway.com: tokens"),
  prefixed("heroku-key", "HRKU-[A-Za-z0-9_-]{36,64}", "devcenter.heroku.com: platform API"),
  near("heroku-legacy-key", "heroku", UUID, "devcenter.heroku.com: tokens before 2024"),
  prefixed(
    "fly-token",
    "(?:fo1_[A-Za-z0-9_-]{30,64}|fm[12][ar]?_[A-Za-z0-9+/=]{40,380}|FlyV1 [A-Za-z0-9_+/=,.-]{20,378})",
    "fly.io/docs: access tokens",
    {
      keywords: ["fo1_", "fm1_", "fm1r_", "fm1a_", "fm2_", "fm2r_", "fm2a_", "flyv1 "],
    },
  ),
  prefixed("pulumi-token", "pul-[0-9a-f]{40}", "pulumi.com/docs: access tokens"),
  prefixed("spacelift-token", "spcl_[A-Za-z0-9_-]{30,80}", "docs.spacelift.io: API keys"),
  prefixed("scalr-token", "scalr_[A-Za-z0-9_-]{30,80}", "docs.scalr.io: tokens"),
  prefixed("vault-token", "hv[sbr][.][A-Za-z0-9_-]{24,380}", "developer.hashicorp.com/vault: tokens", {
    keywords: ["hvs.", "hvb.", "hvr."],
  }),
  prefixed("vault-legacy-token", "[sbr][.][A-Za-z0-9]{24}", "developer.hashicorp.com/vault: tokens before 1.10", {
    keywords: ["s.", "b.", "r."],
    type: "VAULT_TOKEN",
    exact: true,
    needsDigit: true,
  }),
  near("consul-token", "consul nomad", UUID, "developer.hashicorp.com/consul: ACL tokens"),
  near("vault-unseal-key", "unseal", "[A-Za-z0-9+/]{43,44}={0,2}", "developer.hashicorp.com/vault: seal"),
  prefixed(
    "doppler-token",
    "dp[.](?:pt|st|ct|sa|said|scim|audit)[.](?:[a-z0-9_-]{2,35}[.])?[A-Za-z0-9]{40,44}",
    "docs.doppler.com: token formats",
    {
      keywords: ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.said.", "dp.scim.", "dp.audit."],
      inWord: true,
    },
  ),
  prefixed("infisical-token", "st[.][0-9a-f]{24}[.][0-9a-f]{32}[.][0-9a-f]{32}", "infisical.com/docs: service tokens", {
    keywords: ["st."],
  }),
  prefixed("one-password-token", "ops_eyJ[A-Za-z0-9+/=_-]{60,375}", "developer.1password.com: service accounts"),
  prefixed(
    "one-password-secret-key",
    "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
    "support.1password.com: secret key",
    {
      keywords: ["a3-"],
    },
  ),
  near(
    "bitwarden-secret",
    "bitwarden bws",
    `0[.]${UUID}[.][A-Za-z0-9]{30}:[A-Za-z0-9+/=]{24}`,
    "bitwarden.com/help: access tokens",
  ),
  near("akeyless-key", "akeyless", "[A-Za-z0-9+/=]{40,48}", "docs.akeyless.io: access keys"),
  prefixed("launchdarkly-key", `(?:sdk|mob|api|rel|int)-${UUID}`, "launchdarkly.com/docs: keys", {
    keywords: ["sdk-", "mob-", "api-", "rel-", "int-"],
    exact: true,
  }),
  prefixed("statsig-key", "(?:secret|console)-[A-Za-z0-9]{40,50}", "docs.statsig.com: API keys", {
    keywords: ["secret-", "console-"],
    exact: true,
  }),
  prefixed("configcat-key", "configcat-sdk-1/[A-Za-z0-9_-]{22}/[A-Za-z0-9_-]{22}", "configcat.com/docs: SDK key"),
  near(
    "configcat-legacy-key",
    "configcat",
    "[A-Za-z0-9_-]{22}/[A-Za-z0-9_-]{22}",
    "configcat.com/docs: SDK key before 2024",
  ),
  prefixed("flagsmith-key", "ser[.][A-Za-z0-9]{22}", "docs.flagsmith.com: server-side keys", {
    keywords: ["ser."],
    exact: true,
  }),
  near(
    "unleash-token",
    "unleash",
    "[A-Za-z0-9_*-]{1,40}:[A-Za-z0-9_*-]{1,40}[.][0-9a-f]{56,64}",
    "docs.getunleash.io: API tokens",
  ),
  near("split-key", "splitio split_io splitsoftware", "[a-z0-9]{36,64}", "help.split.io: API keys"),
  near(
    "optimizely-token",
    "optimizely",
    "[A-Za-z0-9_-]{40,60}|2:[A-Za-z0-9_-]{40,60}",
    "docs.developers.optimizely.com",
  ),
  prefixed("prefect-key", "pn[ub]_[A-Za-z0-9]{36}", "docs.prefect.io: API keys", { keywords: ["pnu_", "pnb_"] }),
  prefixed(
    "localstack-token",
    "ls-[A-Za-z0-9]{8}-[A-Za-z0-9]{4}-[A-Za-z0-9]{4}-[A-Za-z0-9]{4}-[A-Za-z0-9]{12,16}",
    "docs.localstack.cloud: auth token",
    { keywords: ["ls-"] },
  ),
  near("expo-token", "expo", "[A-Za-z0-9_-]{40}", "docs.expo.dev: access tokens"),
  near("app-center-token", "appcenter app_center", "[0-9a-f]{40}", "learn.microsoft.com/appcenter: API tokens"),
  near("bitrise-token", "bitrise", "[A-Za-z0-9_-]{60,100}", "devcenter.bitrise.io: access tokens"),
  near("codemagic-token", "codemagic", "[A-Za-z0-9_-]{43}", "docs.codemagic.io: API tokens"),
  near("percy-token", "percy", "(?:web_|app_|auto_|ss_)?[0-9a-f]{64}", "docs.percy.io: project tokens"),
  near("chromatic-token", "chromatic", "(?:chpt_)?[0-9a-f]{12,15}", "chromatic.com/docs: project token"),
  near("browserstack-key", "browserstack", "[A-Za-z0-9]{20}", "browserstack.com/docs: access key"),
  near("sauce-labs-key", "saucelabs sauce_labs sauce_access sauce", UUID, "docs.saucelabs.com: access key"),
  near("lambdatest-key", "lambdatest lt_access", "[A-Za-z0-9]{50}", "lambdatest.com/support: access key"),
  near("cypress-key", "cypress", UUID, "docs.cypress.io: record key"),
  prefixed("kubernetes-bootstrap-token", "token [a-z0-9]{6}[.][a-z0-9]{16}", "kubernetes.io/docs: bootstrap tokens", {
    keywords: ["token "],
    keepsKeyword: true,
    exact: true,
  }),
  prefixed("k3s-token", "K10[0-9a-f]{64}::[A-Za-z0-9_.-]{1,40}:[A-Za-z0-9]{16,64}", "docs.k3s.io: token", {
    keywords: ["k10"],
  }),
  prefixed("rancher-token", "token-[a-z0-9]{5}:[a-z0-9]{54}", "ranchermanager.docs.rancher.com: API keys"),
  prefixed("openshift-token", "sha256~[A-Za-z0-9_-]{43}", "docs.openshift.com: OAuth tokens"),
  prefixed("docker-swarm-token", "SWMTKN-1-[a-z0-9]{50}-[a-z0-9]{25}", "docs.docker.com: swarm join token"),
  prefixed("docker-swarm-unlock-key", "SWMKEY-1-[A-Za-z0-9+/]{43}", "docs.docker.com: swarm autolock"),
  prefixed(
    "ansible-vault",
    "[$]ANSIBLE_VAULT;1[.][12];AES256[^\\n]{0,60}\\n(?:[ ]{0,20}[0-9a-f]{20,80}\\n?){1,5}",
    "docs.ansible.com: vault format",
    {
      keywords: ["$ansible_vault;"],
      inWord: true,
    },
  ),
  prefixed(
    "age-secret-key",
    "AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    "age-encryption.org: key format",
    { inWord: true },
  ),
  prefixed("trigger-dev-key", "tr_(?:dev|prod|stg|preview|pat)_[A-Za-z0-9]{20,48}", "trigger.dev/docs: API keys", {
    keywords: ["tr_dev_", "tr_prod_", "tr_stg_", "tr_preview_", "tr_pat_"],
  }),
  prefixed("inngest-signing-key", "signkey-(?:prod|test|branch)-[0-9a-f]{32,64}", "inngest.com/docs: signing keys", {
    keywords: ["signkey-"],
  }),
  prefixed("n8n-key", "n8n_api_[0-9a-f]{60,100}", "docs.n8n.io: API keys"),
  prefixed("arcjet-key", "ajkey_[a-z0-9]{26}", "docs.arcjet.com: keys"),
  prefixed("devcycle-key", "dvc_server_[A-Za-z0-9_]{20,64}", "docs.devcycle.com: SDK keys"),
  prefixed("netbird-token", "nbp_[A-Za-z0-9]{36}", "docs.netbird.io: access tokens"),
  prefixed("ionic-token", "ion_[A-Za-z0-9]{42}", "ionic.io/docs: personal access tokens"),
  prefixed("unkey-root-key", "unkey_[A-Za-z0-9]{16,40}", "unkey.com/docs: root keys"),
  prefixed("zuplo-key", "zpka_[0-9a-f]{32}_[0-9a-f]{8}", "zuplo.com/docs: API keys"),
  prefixed("konnect-token", "[ks]pat_[A-Za-z0-9]{40,60}", "docs.konghq.com: access tokens", {
    keywords: ["kpat_", "spat_"],
  }),
  prefixed("cosmo-key", "cosmo_[0-9a-f]{32}", "cosmo-docs.wundergraph.com: API keys"),
  prefixed("endor-labs-key", "endr[+][A-Za-z0-9-]{16}", "docs.endorlabs.com: API keys"),
  prefixed("wakatime-key", `waka_(?:tok_[A-Za-z0-9]{60,80}|${UUID})`, "wakatime.com/developers: API keys", {
    keywords: ["waka_"],
  }),
  prefixed("workato-token", "wrk(?:us|eu|au|sg|jp|il|aus)-[A-Za-z0-9_-]{60,240}", "docs.workato.com: API clients", {
    keywords: ["wrkus-", "wrkeu-", "wrkau-", "wrksg-", "wrkjp-", "wrkil-", "wrkaus-"],
  }),
];
