import { near, prefixed, type Family } from "./family.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Mail, marketing, push and telephone services. */
export const MAIL_FAMILIES: readonly Family[] = [
  prefixed("sendgrid-key", "SG[.][A-Za-z0-9_-]{20,24}[.][A-Za-z0-9_-]{39,50}", "twilio.com/docs/sendgrid: API keys", {
    keywords: ["sg."],
    inWord: true,
  }),
  prefixed("mailgun-key", "key-[0-9a-f]{32}", "documentation.mailgun.com: API keys", {
    keywords: ["key-"],
    exact: true,
  }),
  near(
    "mailgun-private-key",
    "mailgun mg_api",
    "[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}|[0-9a-f]{72}",
    "documentation.mailgun.com: API keys since 2018",
  ),
  prefixed("mailchimp-key", "[0-9a-f]{32}-us[0-9]{1,2}", "mailchimp.com/developer: API keys", {
    keywords: ["-us"],
    lead: 32,
    exact: true,
  }),
  prefixed("mandrill-key", "md-[A-Za-z0-9_-]{22}", "mailchimp.com/developer/transactional: API keys", {
    keywords: ["md-"],
    exact: true,
  }),
  near("mandrill-legacy-key", "mandrill", "[A-Za-z0-9_-]{22}", "mailchimp.com/developer/transactional: API keys"),
  prefixed("brevo-key", "x(?:keysib|smtpsib)-[0-9a-f]{64}-[A-Za-z0-9]{16}", "developers.brevo.com: API keys", {
    keywords: ["xkeysib-", "xsmtpsib-"],
  }),
  near("postmark-token", "postmark", UUID, "postmarkapp.com/developer: server tokens"),
  prefixed("resend-key", "re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,32}", "resend.com/docs: API keys", { keywords: ["re_"] }),
  near("sparkpost-key", "sparkpost", "[0-9a-f]{40}", "developers.sparkpost.com: API keys"),
  near("mailjet-key", "mailjet mj_apikey", "[0-9a-f]{32}", "dev.mailjet.com: authentication"),
  prefixed("mailersend-token", "mlsn[.][0-9a-f]{64}", "developers.mailersend.com: API tokens"),
  prefixed("convertkit-key", "kit_[0-9a-f]{32,40}", "developers.kit.com: API keys", { keywords: ["kit_"] }),
  near("convertkit-legacy-key", "convertkit", "[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43}", "developers.kit.com: API keys v3"),
  near("elastic-email-key", "elasticemail elastic_email", "[A-F0-9]{96}", "elasticemail.com/developers"),
  prefixed("klaviyo-key", "pk_[0-9a-f]{34}", "developers.klaviyo.com: private keys", {
    keywords: ["pk_"],
    exact: true,
  }),
  near(
    "customer-io-key",
    "customerio customer_io customer.io",
    "[0-9a-f]{20}|[0-9a-f]{32}",
    "customer.io/docs: API credentials",
  ),
  near("iterable-key", "iterable", "[0-9a-f]{32}", "support.iterable.com: API keys"),
  near("omnisend-key", "omnisend", "[0-9a-f]{24}-[A-Za-z0-9]{50}", "api-docs.omnisend.com"),
  near("sendinblue-legacy-key", "sendinblue", "[A-Za-z0-9]{15,16}", "developers.brevo.com: API keys v2"),
  near(
    "activecampaign-key",
    "activecampaign active_campaign",
    "[0-9a-f]{64,72}",
    "developers.activecampaign.com: authentication",
  ),
  near("campaign-monitor-key", "campaignmonitor createsend", "[A-Za-z0-9+/=]{80,180}", "campaignmonitor.com/api"),
  near("aweber-token", "aweber", "[A-Za-z0-9]{32}", "api.aweber.com: OAuth"),
  near("getresponse-key", "getresponse", "[a-z0-9]{32}", "apidocs.getresponse.com"),
  near("mailboxlayer-key", "mailboxlayer", "[0-9a-f]{32}", "mailboxlayer.com/documentation"),
  near("hunter-key", "hunter", "[0-9a-f]{40}", "hunter.io/api-documentation"),
  near("zerobounce-key", "zerobounce", "[0-9a-f]{32}", "zerobounce.net/docs"),
  near("neverbounce-key", "neverbounce", "(?:private|secret)_[0-9a-f]{32}", "developers.neverbounce.com"),
  near("nylas-key", "nylas", "(?:nyk_v0_)?[A-Za-z0-9]{25,64}", "developer.nylas.com: API keys"),
  prefixed("nylas-v3-key", "nyk_v0_[A-Za-z0-9]{64}", "developer.nylas.com: API keys v3"),
  near("mailtrap-token", "mailtrap", "[0-9a-f]{32}", "api-docs.mailtrap.io: tokens"),
  prefixed("onesignal-key", "os_v2_(?:app|org)_[a-z2-7]{100,110}", "documentation.onesignal.com: keys", {
    keywords: ["os_v2_app_", "os_v2_org_"],
  }),
  near("onesignal-legacy-key", "onesignal", "[A-Za-z0-9]{48}", "documentation.onesignal.com: REST API key"),
  near("pushover-token", "pushover", "[au][A-Za-z0-9]{29}", "pushover.net/api"),
  prefixed("pushbullet-token", "o[.][A-Za-z0-9]{32}", "docs.pushbullet.com: access tokens", {
    keywords: ["o."],
    exact: true,
  }),
  near("airship-key", "airship urbanairship", "[A-Za-z0-9]{91}|[A-Za-z0-9_-]{22}", "docs.airship.com: tokens"),
  near("pusher-secret", "pusher", "[0-9a-f]{20}", "pusher.com/docs: app keys"),
  near("ably-key", "ably", "[A-Za-z0-9_-]{6,8}[.][A-Za-z0-9_-]{6,8}:[A-Za-z0-9_-]{16,50}", "ably.com/docs: API keys"),
  near("pubnub-key", "pubnub", `(?:sec-c-|sub-c-|pub-c-)(?:${UUID}|[A-Za-z0-9=]{40,64})`, "pubnub.com/docs: keys"),
  prefixed("pubnub-secret-key", `sec-c-(?:${UUID}|[A-Za-z0-9=]{40,64})`, "pubnub.com/docs: keys", {
    keywords: ["sec-c-"],
  }),
  // Account ids stand beside the token in every example; the API key begins with SK.
  prefixed("twilio-key", "SK[0-9a-f]{32}", "twilio.com/docs: API keys", { keywords: ["sk"], exact: true }),
  prefixed("twilio-account-sid", "AC[0-9a-f]{32}", "twilio.com/docs: account SID", { keywords: ["ac"], exact: true }),
  near("twilio-auth-token", "twilio", "[0-9a-f]{32}", "twilio.com/docs: auth tokens"),
  near("vonage-secret", "vonage nexmo", "[A-Za-z0-9]{16}|[0-9a-f]{8}", "developer.vonage.com: API secret"),
  near("plivo-token", "plivo", "[A-Za-z0-9]{40}|[A-Za-z0-9]{56}", "plivo.com/docs: auth token"),
  near("messagebird-key", "messagebird", "[A-Za-z0-9]{25}", "developers.messagebird.com: access keys"),
  prefixed("telnyx-key", "KEY0[0-9A-F]{31}_[A-Za-z0-9]{22}", "developers.telnyx.com: API keys v2", {
    keywords: ["key0"],
  }),
  near("sinch-bandwidth-token", "sinch bandwidth", "[0-9a-f]{32}|[a-z]{30}", "developers.sinch.com"),
  near(
    "clicksend-key",
    "clicksend",
    `[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}`,
    "developers.clicksend.com",
  ),
  near("ringcentral-secret", "ringcentral", "[A-Za-z0-9_-]{22}", "developers.ringcentral.com"),
  near("textmagic-key", "textmagic", "[A-Za-z0-9]{30}", "docs.textmagic.com"),
  near("aftership-key", "aftership", `(?:asat_[0-9a-f]{32}|${UUID})`, "aftership.com/docs"),
  near("courier-key", "courier", "pk_(?:prod|test)_[A-Z0-9]{28}", "courier.com/docs: API keys"),
  prefixed("courier-prefixed-key", "[pd]k_prod_[A-Z0-9]{28}", "courier.com/docs: API keys", {
    keywords: ["pk_prod_", "dk_prod_"],
  }),
  prefixed("knock-key", "sk_[A-Za-z0-9_-]{43}", "docs.knock.app: API keys", { keywords: ["sk_"], exact: true }),
  prefixed("hubspot-token", `pat-(?:na|eu|ap)[0-9]-${UUID}`, "developers.hubspot.com: private apps", {
    keywords: ["pat-na", "pat-eu", "pat-ap"],
    inWord: true,
  }),
  near("hubspot-legacy-key", "hubspot hapikey", UUID, "developers.hubspot.com: API keys"),
  near("marketo-secret", "marketo", "[A-Za-z0-9]{32}", "developers.marketo.com: authentication"),
  near("lemlist-key", "lemlist", "[0-9a-f]{32}", "developer.lemlist.com"),
  near("drip-key", "getdrip drip_api", "[0-9a-f]{32}|[a-z0-9]{20}", "developer.drip.com"),
  near(
    "phrase-lokalise-token",
    "lokalise phraseapp phrase_access",
    "[0-9a-f]{40}|[0-9a-f]{64}",
    "developers.lokalise.com: API tokens",
  ),
  prefixed(
    "pubnub-client-key",
    `(?:pub|sub)-c-(?:${UUID}|[a-z0-9]{8}(?:-[a-z0-9]{4}){3}-[a-z0-9]{12})`,
    "pubnub.com/docs: keys",
    {
      keywords: ["pub-c-", "sub-c-"],
    },
  ),
  prefixed("close-key", "api_[A-Za-z0-9]{22}[.][A-Za-z0-9]{22}", "developer.close.com: API keys"),
  prefixed("salesloft-key", "v2_ak_[0-9]{1,12}_[0-9a-f]{64}", "developers.salesloft.com: API keys"),
  prefixed("savvycal-token", "pt_secret_[0-9a-f]{32,64}", "savvycal.com/docs: personal tokens"),
  prefixed("tally-key", "tly-[A-Za-z0-9]{32}", "tally.so/help: API keys"),
  near("agora-certificate", "agora", "[0-9a-f]{32}", "docs.agora.io: app certificates"),
];
