import { near, prefixed, type Family } from "./family.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Identity, maps, data and everything that fits nowhere else. */
export const OTHER_FAMILIES: readonly Family[] = [
  near(
    "okta-token",
    "okta ssws",
    "00[A-Za-z0-9_-]{40}|[A-Za-z0-9_-]{40}|[A-Za-z0-9_-]{64}",
    "developer.okta.com: API tokens",
  ),
  prefixed("okta-ssws-token", "SSWS 00[A-Za-z0-9_-]{40}", "developer.okta.com: API tokens", { keywords: ["ssws "] }),
  prefixed(
    "django-secret-key",
    "django-insecure-[a-z0-9!@#$%^&*()_=+-]{30,80}",
    "docs.djangoproject.com: SECRET_KEY of a new project",
    { inWord: true },
  ),
  near("auth0-secret", "auth0", "[A-Za-z0-9_-]{64}|[A-Za-z0-9_-]{43}", "auth0.com/docs: client secret"),
  near("clerk-workos-key", "workos clerk", "sk_[A-Za-z0-9_]{30,80}|ak_[A-Za-z0-9]{30,60}", "workos.com/docs: API keys"),
  prefixed("workos-key", "sk_[A-Za-z0-9]{10,30}_?[A-Za-z0-9]{60,90}", "workos.com/docs: API keys", {
    keywords: ["sk_"],
  }),
  prefixed("stytch-secret", "secret-(?:live|test)-[A-Za-z0-9_=-]{36}", "stytch.com/docs: project secrets", {
    keywords: ["secret-live-", "secret-test-"],
  }),
  near(
    "duo-secret",
    "duo_ ikey skey duosecurity",
    "[A-Za-z0-9]{40}|D[IA][A-Z0-9]{18}",
    "duo.com/docs: integration keys",
  ),
  near("keycloak-secret", "keycloak", `[A-Za-z0-9]{32}|${UUID}`, "keycloak.org/docs: client credentials"),
  near("onelogin-secret", "onelogin", "[0-9a-f]{64}", "developers.onelogin.com: API credentials"),
  near("jumpcloud-key", "jumpcloud", "(?:jca_)?[A-Za-z0-9]{36,40}", "jumpcloud.com/support: API key"),
  prefixed("jumpcloud-prefixed-key", "jca_[A-Za-z0-9]{36}", "jumpcloud.com/support: API key"),
  near("descope-frontegg-key", "descope frontegg", `K[A-Za-z0-9]{60,100}|${UUID}`, "docs.descope.com: management keys"),
  near("fusionauth-key", "fusionauth", "[A-Za-z0-9_-]{43,64}", "fusionauth.io/docs: API keys"),
  near("logto-supertokens-key", "supertokens logto", "[A-Za-z0-9=_-]{20,64}", "supertokens.com/docs"),
  near(
    "recaptcha-secret",
    "recaptcha hcaptcha turnstile",
    "6L[A-Za-z0-9_-]{38}|0x[0-9A-Fa-f]{40}|0x4[A-Za-z0-9_-]{20,40}",
    "developers.google.com/recaptcha: secret key",
  ),
  prefixed("recaptcha-key", "6L[a-z][A-Za-z0-9_-]{5}AAAAA[A-Za-z0-9_-]{27}", "developers.google.com/recaptcha: keys", {
    keywords: ["6l"],
    exact: true,
  }),
  // Public tokens are meant for pages, but bill their owner wherever they are used from.
  prefixed(
    "mapbox-public-token",
    "pk[.](?:eyJ[A-Za-z0-9_-]{40,200}|[a-zA-Z0-9]{60})[.][A-Za-z0-9_-]{20,30}",
    "docs.mapbox.com: public tokens",
    { keywords: ["pk."], type: "MAPBOX_TOKEN" },
  ),
  prefixed("adobe-client-secret", "p8e-[A-Za-z0-9_-]{32}", "developer.adobe.com: service credentials", { exact: true }),
  prefixed("intra-42-secret", "s-s4t2(?:ud|af)-[0-9a-f]{64}", "api.intra.42.fr: applications", {
    keywords: ["s-s4t2ud-", "s-s4t2af-"],
  }),
  prefixed("adafruit-io-key", "aio_[A-Za-z0-9]{28}", "learn.adafruit.com: Adafruit IO keys", { exact: true }),
  prefixed("beamer-key", "b_[A-Za-z0-9=_-]{44}", "getbeamer.com/help: API keys", { keywords: ["b_"], exact: true }),
  prefixed("mapbox-token", "sk[.]eyJ[A-Za-z0-9_-]{40,200}[.][A-Za-z0-9_-]{20,30}", "docs.mapbox.com: secret tokens", {
    keywords: ["sk.eyj"],
  }),
  near("openweather-key", "openweather weatherapi owm", "[0-9a-f]{32}|[0-9a-f]{31}", "openweathermap.org/api: keys"),
  near(
    "here-tomtom-key",
    "here_api tomtom heremaps",
    "[A-Za-z0-9_-]{43}|[A-Za-z0-9]{32}",
    "developer.tomtom.com: keys",
  ),
  near(
    "locationiq-key",
    "locationiq opencage positionstack",
    "pk[.][0-9a-f]{32}|[0-9a-f]{32}",
    "docs.locationiq.com: keys",
  ),
  near(
    "ipstack-key",
    "ipstack ipapi ipgeolocation apilayer currencylayer fixer",
    "[0-9a-f]{32}|[A-Za-z0-9]{32}",
    "ipstack.com/documentation",
  ),
  near("ipinfo-token", "ipinfo", "[0-9a-f]{14}", "ipinfo.io/developers: tokens"),
  near("rapidapi-key", "rapidapi x-rapidapi", "[A-Za-z0-9]{50}", "docs.rapidapi.com: keys"),
  prefixed(
    "rapidapi-marked-key",
    "[0-9a-f]{10}msh[0-9a-f]{15}p1[0-9a-f]{5}jsn[0-9a-f]{12}",
    "docs.rapidapi.com: keys",
    { keywords: ["msh"], lead: 10 },
  ),
  near(
    "news-key",
    "newsapi nytimes nyt_api guardian_api",
    `[0-9a-f]{32}|[A-Za-z0-9]{32}|${UUID}`,
    "newsapi.org/docs: keys",
  ),
  near("nasa-tmdb-key", "nasa_api tmdb omdb", "[A-Za-z0-9]{40}|[0-9a-f]{32}", "developer.themoviedb.org: API keys"),
  near(
    "yelp-foursquare-key",
    "yelp foursquare",
    "[A-Za-z0-9_-]{128}|fsq[A-Za-z0-9+/=]{40,50}|[A-Z0-9]{48}",
    "docs.developer.yelp.com: keys",
  ),
  prefixed("foursquare-key", "fsq3[A-Za-z0-9+/]{40,44}=?", "docs.foursquare.com: API keys", { keywords: ["fsq3"] }),
  near("cloudinary-secret", "cloudinary", "[A-Za-z0-9_-]{27}", "cloudinary.com/documentation: credentials"),
  near(
    "imagekit-uploadcare-key",
    "imagekit uploadcare",
    "(?:private_)?[A-Za-z0-9+/=]{20,40}",
    "imagekit.io/docs: keys",
  ),
  near(
    "filestack-transloadit-key",
    "filestack transloadit",
    "A[A-Za-z0-9]{21}z|[0-9a-f]{32,40}",
    "filestack.com/docs: keys",
  ),
  near(
    "uber-lyft-doordash-token",
    "doordash uber lyft",
    "[A-Za-z0-9_-]{40}|[A-Za-z0-9_-]{43}",
    "developer.uber.com: secrets",
  ),
  near("clearbit-key", "clearbit", "sk_[0-9a-f]{32}", "clearbit.com/docs: keys"),
  near(
    "fullcontact-apollo-key",
    "fullcontact apollo_api apolloio",
    "[A-Za-z0-9_-]{22}|[A-Za-z0-9]{32}",
    "docs.fullcontact.com",
  ),
  near(
    "bitly-token",
    "bitly rebrandly tinyurl",
    "[0-9a-f]{40}|[0-9a-f]{32}|[A-Za-z0-9]{60}",
    "dev.bitly.com: access tokens",
  ),
  prefixed("ory-token", "ory_(?:pat|st|at|rt|apikey|wak)_[A-Za-z0-9_.-]{30,90}", "ory.sh/docs: API keys", {
    keywords: ["ory_pat_", "ory_st_", "ory_at_", "ory_rt_", "ory_apikey_", "ory_wak_"],
  }),
  prefixed("retool-token", "retool_[A-Za-z0-9]{22,40}", "docs.retool.com: access tokens", { keywords: ["retool_"] }),
  prefixed("dataiku-token", "dk(?:uaps|api)-[A-Za-z0-9]{32,64}", "doc.dataiku.com: API keys", {
    keywords: ["dkuaps-", "dkapi-"],
  }),
  prefixed("frame-io-token", "fio-u-[A-Za-z0-9_=-]{64}", "developer.frame.io: tokens", { keywords: ["fio-u-"] }),
  near(
    "sidekiq-credentials",
    "bundle_enterprise__contribsys bundle_gems__contribsys",
    "[0-9a-f]{8}:[0-9a-f]{8}",
    "github.com/sidekiq/sidekiq: commercial gems",
  ),
  prefixed(
    "putty-private-key",
    "PuTTY-User-Key-File-[23]: [A-Za-z0-9@._-]{3,40}[\\s\\S]{0,320}",
    "the.earth.li/putty: PPK format",
    { keywords: ["putty-user-key-file-"], inWord: true },
  ),
  prefixed("bcrypt-hash", "[$]2[abxy][$][0-9]{2}[$][./A-Za-z0-9]{53}", "usenix.org: bcrypt modular crypt format", {
    keywords: ["$2a$", "$2b$", "$2x$", "$2y$"],
    type: "PASSWORD_HASH",
    inWord: true,
  }),
  prefixed("unix-crypt-hash", "[$](?:1|5|6|7|y|apr1|gy)[$][A-Za-z0-9./$=,]{8,180}", "man7.org: crypt(5)", {
    keywords: ["$1$", "$5$", "$6$", "$7$", "$y$", "$apr1$", "$gy$"],
    type: "PASSWORD_HASH",
    inWord: true,
  }),
  prefixed(
    "argon2-hash",
    "[$]argon2(?:id|i|d)[$]v=[0-9]{1,3}[$][A-Za-z0-9=,]{6,40}[$][A-Za-z0-9+/=]{8,100}[$][A-Za-z0-9+/=]{16,200}",
    "RFC 9106, PHC string format",
    { keywords: ["$argon2"], type: "PASSWORD_HASH", inWord: true },
  ),
  prefixed(
    "ldap-hash",
    "[{](?:SSHA|SHA|SMD5|MD5|CRYPT|SSHA256|SSHA512|SHA512|PBKDF2)[}][A-Za-z0-9+/=$.]{16,180}",
    "RFC 2307: userPassword",
    {
      keywords: ["{ssha", "{sha", "{smd5}", "{md5}", "{crypt}", "{pbkdf2"],
      type: "PASSWORD_HASH",
      inWord: true,
    },
  ),
  prefixed(
    "django-hash",
    "pbkdf2_sha(?:1|256|512)[$][0-9]{3,8}[$][A-Za-z0-9]{8,40}[$][A-Za-z0-9+/=]{20,100}",
    "docs.djangoproject.com: password storage",
    { keywords: ["pbkdf2_sha"], type: "PASSWORD_HASH" },
  ),
  prefixed("nats-seed", "S[AU]A[A-Z2-7]{55}", "docs.nats.io: nkeys", { keywords: ["saa", "sua"], exact: true }),
  near("stellar-seed", "stellar xlm", "S[A-Z2-7]{55}", "developers.stellar.org: secret keys"),
  near(
    "pivotal-basecamp-token",
    "pivotaltracker pivotal_tracker basecamp",
    "[0-9a-f]{32}|[0-9a-f]{40}",
    "pivotaltracker.com/help: API token",
  ),
  near(
    "teamwork-clockify-key",
    "teamwork clockify toggl harvestapp",
    "[A-Za-z0-9+/=]{32,64}|tkn[.]v1_[A-Za-z0-9=]{60,100}",
    "developers.track.toggl.com",
  ),
  near(
    "bamboohr-workday-key",
    "bamboohr workday gusto",
    "[0-9a-f]{40}|[A-Za-z0-9]{32,50}",
    "documentation.bamboohr.com: API keys",
  ),
  near(
    "greenhouse-lever-key",
    "greenhouse lever_api",
    "[0-9a-f]{32}-?[0-9a-f]{0,4}|[A-Za-z0-9+/=]{40,60}",
    "developers.greenhouse.io: API keys",
  ),
  near(
    "calendly-cal-key",
    "calendly calcom",
    "eyJ[A-Za-z0-9._-]{60,250}|cal_(?:live_)?[0-9a-f]{32}",
    "developer.calendly.com: personal tokens",
  ),
  prefixed("cal-com-key", "cal_(?:live_|test_)?[0-9a-f]{32}", "cal.com/docs: API keys", {
    keywords: ["cal_"],
    exact: true,
  }),
  near(
    "eventbrite-meetup-token",
    "eventbrite meetup",
    "[A-Z0-9]{20}|[0-9a-z]{26}",
    "eventbrite.com/platform: private tokens",
  ),
  near(
    "home-assistant-token",
    "home_assistant homeassistant hass_token",
    "eyJ[A-Za-z0-9._-]{60,250}",
    "developers.home-assistant.io: long-lived tokens",
  ),
  near("particle-tuya-token", "particle_access tuya", "[0-9a-f]{40}|[0-9a-z]{32}", "docs.particle.io: access tokens"),
  prefixed(
    "apollo-key",
    "(?:user:[A-Za-z0-9_.-]{2,60}|service:[A-Za-z0-9_-]{2,60}):[A-Za-z0-9_-]{22}",
    "apollographql.com/docs: API keys",
    {
      keywords: ["user:", "service:"],
      exact: true,
      needsDigit: true,
    },
  ),
  prefixed("dynamic-token", "dyn_[A-Za-z0-9]{56}", "dynamic.xyz/docs: API tokens"),
  prefixed("svix-token", "(?:test)?sk_[A-Za-z0-9_-]{28,60}[.](?:eu|us|in|ca|au)", "docs.svix.com: API tokens", {
    keywords: ["sk_", "testsk_"],
  }),
  prefixed(
    "authress-key",
    "(?:sc|ext|scauth|authress)_[a-z0-9]{5,30}[.][a-z0-9]{4,6}[.]acc[_-][a-z0-9-]{10,32}[.][A-Za-z0-9+/_=-]{30,120}",
    "authress.io: service clients",
    {
      keywords: ["sc_", "ext_", "scauth_", "authress_"],
    },
  ),
  prefixed("phpass-hash", "[$][PH][$][./A-Za-z0-9]{31}", "openwall.com/phpass: portable hashes", {
    keywords: ["$p$", "$h$"],
    type: "PASSWORD_HASH",
    inWord: true,
  }),
  prefixed("drupal-hash", "[$]S[$][./A-Za-z0-9]{52}", "drupal.org: password hashing", {
    keywords: ["$s$"],
    type: "PASSWORD_HASH",
    inWord: true,
  }),
  prefixed("cisco-hash", "[$][89][$][./A-Za-z0-9]{8,16}[$][./A-Za-z0-9]{43}", "cisco.com: type 8 and 9 secrets", {
    keywords: ["$8$", "$9$"],
    type: "PASSWORD_HASH",
    inWord: true,
  }),
  prefixed(
    "phc-hash",
    "[$](?:scrypt|pbkdf2(?:-sha(?:1|256|512))?|bcrypt-sha256|sha1|md5|krb5(?:tgs|asrep|pa))[$][A-Za-z0-9$=,./+*@:_-]{30,370}",
    "PHC string format, passlib: modular crypt formats",
    {
      keywords: ["$scrypt$", "$pbkdf2", "$bcrypt-", "$sha1$", "$md5$", "$krb5"],
      type: "PASSWORD_HASH",
      inWord: true,
    },
  ),
  prefixed(
    "werkzeug-hash",
    "(?:pbkdf2:sha(?:1|256|512)(?::[0-9]{3,8})?|scrypt:[0-9]{2,8}:[0-9]{1,3}:[0-9]{1,3})[$][A-Za-z0-9]{8,40}[$][0-9a-f]{40,128}",
    "werkzeug.palletsprojects.com: password hashes",
    {
      keywords: ["pbkdf2:sha", "scrypt:"],
      type: "PASSWORD_HASH",
    },
  ),
  prefixed(
    "postgres-scram",
    "SCRAM-SHA-(?:1|256)[$][0-9]{3,7}:[A-Za-z0-9+/=]{12,60}[$][A-Za-z0-9+/=]{28,64}:[A-Za-z0-9+/=]{28,64}",
    "postgresql.org/docs: pg_authid",
    {
      keywords: ["scram-sha-1", "scram-sha-2"],
      type: "PASSWORD_HASH",
    },
  ),
  prefixed(
    "grub-hash",
    "grub[.]pbkdf2[.]sha512[.][0-9]{3,7}[.][0-9A-F]{64,256}[.][0-9A-F]{64,128}",
    "gnu.org/software/grub: passwords",
    {
      type: "PASSWORD_HASH",
    },
  ),
  // `pwdump`: user, id, LM hash, NT hash; the NT hash alone logs in.
  prefixed("ntlm-hash", ":[0-9a-fA-F]{32}:[0-9a-fA-F]{32}:::", "learn.microsoft.com: NT hashes, pwdump format", {
    keywords: [":::"],
    lead: 66,
    type: "PASSWORD_HASH",
    inWord: true,
  }),
  // What a PEM file holds, without its first line: a sequence whose version is followed by a key's numbers.
  prefixed(
    "der-private-key",
    "MII[A-Z][A-Za-z0-9+/][AQgw]IBA(?:A[JK]|DA[NLMO])[A-Za-z0-9+/=]{48,370}",
    "RFC 8017, RFC 5208: private keys",
    { keywords: ["mii"], type: "PRIVATE_KEY" },
  ),
];
