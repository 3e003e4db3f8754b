import { prefixed, type Family } from "./family.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Partners of GitHub's secret scanning that are in no other area: games, hiring, money, schools, and many tools. */
export const PARTNER_FAMILIES: readonly Family[] = [
  prefixed(
    "apify-other-token",
    "apify_(?:proxy|ui|integration_api|actor_run_api|actor_run_proxy|webhook_dispatch_api)_[A-Za-z0-9]{30,44}",
    "docs.apify.com: API tokens and proxy passwords",
    { keywords: ["apify_proxy_", "apify_ui_", "apify_integration_", "apify_actor_", "apify_webhook_"] },
  ),
  prefixed("asaas-sandbox-token", "[$]aact_hmlg_[A-Za-z0-9=:+/]{100,250}", "docs.asaas.com: API keys"),
  prefixed("baidu-cloud-key", "bce-v3/ALTAK-[A-Za-z0-9]{16,32}/[0-9a-f]{40}", "cloud.baidu.com/doc: API keys"),
  prefixed("bitrise-prefixed-token", "bit(?:pat|wat)_[A-Za-z0-9_-]{30,100}", "devcenter.bitrise.io: access tokens", {
    keywords: ["bitpat_", "bitwat_"],
  }),
  prefixed("block-protocol-key", `b10ck5[.][0-9a-f]{32}[.]${UUID}`, "blockprotocol.org/docs: API keys"),
  prefixed("notify-key", `gcntfy-[a-z0-9_-]{1,60}${UUID}-${UUID}`, "documentation.notification.canada.ca: API keys", {
    keywords: ["gcntfy-"],
  }),
  prefixed("canva-secret", "cnvca[A-Za-z0-9_-]{30,80}", "canva.dev/docs: client secrets", { needsDigit: true }),
  prefixed("cfx-server-key", "cfxk_[A-Za-z0-9]{16,24}_[A-Za-z0-9]{5,8}", "docs.fivem.net: server keys"),
  prefixed("chief-tools-token", "ctp_[A-Za-z0-9]{32,60}", "chief.app: API tokens", { needsDigit: true }),
  prefixed("coveo-key", `xx${UUID}`, "docs.coveo.com: API keys", { keywords: ["xx"], exact: true }),
  prefixed("databento-key", "db-[A-Za-z0-9]{29}", "databento.com/docs: API keys", {
    keywords: ["db-"],
    exact: true,
    needsDigit: true,
  }),
  prefixed("devcycle-client-key", "dvc_(?:client|mobile)_[A-Za-z0-9_]{30,64}", "docs.devcycle.com: SDK keys", {
    keywords: ["dvc_client_", "dvc_mobile_"],
  }),
  prefixed("digitalocean-system-token", "dos_v1_[0-9a-f]{64}", "docs.digitalocean.com: token prefixes"),
  prefixed("fullstory-key", "(?:na|eu)1[.][A-Za-z0-9+/]{40,120}={0,2}", "developer.fullstory.com: API keys", {
    keywords: ["na1.", "eu1."],
    needsDigit: true,
  }),
  prefixed("guardsquare-key", "gs_appsweep_[a-z]{2,6}_[A-Za-z0-9_-]{24,80}", "help.guardsquare.com: API keys"),
  prefixed("hack-club-key", "sk-hc-v1-[0-9a-f]{40,80}", "ai.hackclub.com: API keys"),
  prefixed("hcaptcha-secret", "ES_[0-9a-f]{32}", "docs.hcaptcha.com: siteverify secrets", {
    keywords: ["es_"],
    exact: true,
  }),
  prefixed("hop-token", "(?:ptk|pat|bearer)_[A-Za-z0-9_]{40,60}", "docs.hop.io: tokens", {
    keywords: ["ptk_", "pat_", "bearer_"],
    exact: true,
    needsDigit: true,
  }),
  prefixed("dvc-studio-token", "isat_[A-Za-z0-9]{40,60}", "dvc.org/doc/studio: access tokens"),
  prefixed("lichess-token", "li[po]_[A-Za-z0-9]{16,40}", "lichess.org/api: access tokens", {
    keywords: ["lip_", "lio_"],
    exact: true,
    needsDigit: true,
  }),
  prefixed("lightspeed-token", "lsxs_pt_[A-Za-z0-9]{24,60}", "x-series-api.lightspeedhq.com: personal tokens"),
  prefixed("limbar-token", "lim_[0-9a-f]{40,80}", "limbar.io: tokens", { exact: true }),
  prefixed("logicmonitor-token", "lm[ab]_[A-Za-z0-9_+=/^-]{40,120}", "logicmonitor.com/support: API tokens", {
    keywords: ["lma_", "lmb_"],
    needsDigit: true,
  }),
  prefixed("mergify-key", "mka_[A-Za-z0-9_-]{40,50}", "docs.mergify.com: application keys", { needsDigit: true }),
  prefixed("naver-cloud-key", "ncp_(?:iam|sts|gov_iam|gov_sts)_[A-Za-z0-9]{20,60}", "guide.ncloud-docs.com: API keys", {
    keywords: ["ncp_iam_", "ncp_sts_", "ncp_gov_"],
  }),
  prefixed(
    "onfido-token",
    "api_(?:live|sandbox)(?:_(?:us|ca|eu))?[.][A-Za-z0-9_-]{8,16}[.][A-Za-z0-9_-]{24,40}",
    "documentation.onfido.com: API tokens",
    { keywords: ["api_live.", "api_sandbox.", "api_live_", "api_sandbox_"] },
  ),
  prefixed(
    "pagerduty-oauth-token",
    "pd[ur]s[A-Z]{2}[+]?[A-Za-z0-9_-]{28,64}",
    "developer.pagerduty.com: OAuth tokens",
    {
      keywords: ["pdus", "pdrs"],
      exact: true,
      needsDigit: true,
    },
  ),
  prefixed("pangea-token", "pts_[a-z2-7]{32}", "pangea.cloud/docs: service tokens", { exact: true, needsDigit: true }),
  prefixed("planning-center-token", "pco_(?:pat|app|tok)_[0-9a-f]{64,80}", "developer.planning.center: tokens", {
    keywords: ["pco_pat_", "pco_app_", "pco_tok_"],
  }),
  prefixed("polar-other-token", "polar_(?:cs|rt|ac|crt|cst|ust|whs)_[A-Za-z0-9]{30,60}", "docs.polar.sh: tokens", {
    keywords: ["polar_cs_", "polar_rt_", "polar_ac_", "polar_crt_", "polar_cst_", "polar_ust_", "polar_whs_"],
  }),
  prefixed("posthog-oauth-token", "ph[ar]_[A-Za-z0-9_-]{40,60}", "posthog.com/docs: OAuth", {
    keywords: ["pha_", "phr_"],
    needsDigit: true,
  }),
  prefixed("rainforest-key", "(?:sbx_)?apikey_[0-9a-f]{48,80}", "docs.rainforestpay.com: API keys", {
    keywords: ["apikey_", "sbx_apikey_"],
  }),
  prefixed("ramp-secret", "ramp_(?:sec|id|tok)_[A-Za-z0-9]{32,64}", "docs.ramp.com: OAuth", {
    keywords: ["ramp_sec_", "ramp_id_", "ramp_tok_"],
  }),
  prefixed("redirect-pizza-token", "rpa_[a-z0-9]{50,80}", "redirect.pizza/docs: API tokens", { needsDigit: true }),
  prefixed("samsara-token", "samsara_api_[A-Za-z0-9]{24,40}", "developers.samsara.com: API tokens"),
  prefixed("shopee-partner-key", "shpk[0-9a-f]{50,70}", "open.shopee.com: partner keys"),
  prefixed("sindri-key", "sindri_[A-Za-z0-9]{28,40}_[A-Za-z0-9]{3,8}", "sindri.app/docs: API keys"),
  prefixed("sourcegraph-subscription-token", "sgs_[0-9a-f]{64}", "sourcegraph.com/docs: product subscriptions"),
  prefixed(
    "square-sandbox-secret",
    "sandbox-sq0(?:csb|atb|idb)-[A-Za-z0-9_-]{40,50}",
    "developer.squareup.com: sandbox",
    {
      keywords: ["sandbox-sq0"],
    },
  ),
  prefixed("sslmate-key", "k_[A-Za-z0-9]{40}", "sslmate.com/help: API keys", {
    keywords: ["k_"],
    exact: true,
    needsDigit: true,
  }),
  prefixed("tencent-international-id", "IKID[A-Za-z0-9]{32}", "tencentcloud.com/document: API keys", {
    exact: true,
    needsDigit: true,
  }),
  prefixed("thunderstore-token", "tss_[A-Za-z0-9]{28,60}", "thunderstore.io/api/docs: service accounts", {
    exact: true,
    needsDigit: true,
  }),
  prefixed("val-town-token", "vtwn_[A-Za-z0-9]{24,40}", "docs.val.town: API tokens", { needsDigit: true }),
  prefixed("wakatime-secret", "waka_(?:sec|ref)_[A-Za-z0-9]{60,100}", "wakatime.com/developers: OAuth", {
    keywords: ["waka_sec_", "waka_ref_"],
  }),
];
