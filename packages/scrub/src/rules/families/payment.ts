import { near, prefixed, type Family } from "./family.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Payment, banking, shops, shipping and coins. */
export const PAYMENT_FAMILIES: readonly Family[] = [
  // Test keys too: they open a test account. Publishable keys (pk_) are public by design.
  prefixed("stripe-key", "(?:[sr]k_(?:live|test|prod)|sk_org)_[A-Za-z0-9_]{10,255}", "docs.stripe.com: API keys", {
    keywords: ["sk_live_", "rk_live_", "sk_test_", "rk_test_", "sk_prod_", "rk_prod_", "sk_org_"],
    inWord: true,
  }),
  prefixed("stripe-webhook-secret", "whsec_[A-Za-z0-9+/=]{20,128}", "docs.stripe.com: webhook signatures", {
    inWord: true,
  }),
  prefixed("square-token", "EAAA[A-Za-z0-9_-]{60}", "developer.squareup.com: access tokens"),
  prefixed("square-secret", "sq0(?:csp|atp|idp)-[A-Za-z0-9_-]{22,60}", "developer.squareup.com: OAuth", {
    type: "SQUARE_TOKEN",
    keywords: ["sq0csp-", "sq0atp-", "sq0idp-"],
  }),
  prefixed("shopify-partner-token", "prtapi_[0-9a-f]{32}", "shopify.dev: Partner API access tokens"),
  prefixed("shopify-token", "shp(?:at|ca|pa|ss|ua|ka)_[0-9a-zA-Z]{32,64}", "shopify.dev: access tokens", {
    keywords: ["shpat_", "shpca_", "shppa_", "shpss_", "shpua_", "shpka_"],
    inWord: true,
  }),
  prefixed(
    "paypal-braintree-token",
    "access_token[$](?:production|sandbox)[$][0-9a-z]{16}[$][0-9a-f]{32}",
    "developer.paypal.com: Braintree access tokens",
    { keywords: ["access_token$"] },
  ),
  near("paypal-secret", "paypal", "[A-Za-z0-9_-]{80}|E[A-Za-z0-9_-]{60,90}", "developer.paypal.com: client secrets"),
  near("braintree-key", "braintree", "[0-9a-f]{32}", "developer.paypal.com: Braintree private key"),
  prefixed(
    "adyen-key",
    "AQE[A-Za-z0-9+/=_-]{10,180}(?:-[A-Za-z0-9+/=]{20,60}-[^\\s\"']{10,30})?",
    "docs.adyen.com: API credentials",
    { keywords: ["aqe"] },
  ),
  prefixed("razorpay-key", "rzp_(?:live|test)_[A-Za-z0-9]{14}", "razorpay.com/docs: API keys", {
    keywords: ["rzp_live_", "rzp_test_"],
  }),
  near("razorpay-secret", "razorpay", "[A-Za-z0-9]{24}", "razorpay.com/docs: API keys"),
  prefixed(
    "flutterwave-key",
    "FLWSECK(?:_TEST)?-[0-9a-zA-Z]{12,40}(?:-X)?",
    "developer.flutterwave.com: authentication",
    { keywords: ["flwseck"] },
  ),
  prefixed("mollie-key", "(?:live|test|access)_[A-Za-z0-9]{30}", "docs.mollie.com: authentication", {
    keywords: ["live_", "test_", "access_"],
    exact: true,
  }),
  prefixed(
    "plaid-token",
    `(?:access-(?:sandbox|development|production)|(?:public|link)-production|link-sandbox)-${UUID}`,
    "plaid.com/docs: tokens",
    {
      keywords: [
        "access-sandbox-",
        "access-development-",
        "access-production-",
        "link-production-",
        "public-production-",
        "link-sandbox-",
      ],
    },
  ),
  near("plaid-secret", "plaid", "[0-9a-f]{30}|[0-9a-z]{24}", "plaid.com/docs: API keys"),
  prefixed("gocardless-token", "(?:live|sandbox)_[A-Za-z0-9_=-]{40}", "developer.gocardless.com: access tokens", {
    keywords: ["live_", "sandbox_"],
    exact: true,
  }),
  prefixed("paddle-key", "pdl_(?:live|sdbx|ntfset|test)_[A-Za-z0-9_]{26,90}", "developer.paddle.com: API keys", {
    keywords: ["pdl_"],
  }),
  near("paddle-legacy-key", "paddle", "[0-9a-f]{50}", "developer.paddle.com: keys before 2025"),
  prefixed("checkout-com-key", `sk_(?:sbox_)?[a-z2-7]{26}[a-z*#$=]`, "checkout.com/docs: API keys", {
    keywords: ["sk_"],
  }),
  prefixed("checkout-com-classic-key", `sk_(?:test_)?${UUID}`, "checkout.com/docs: classic keys", {
    keywords: ["sk_"],
    type: "CHECKOUT_COM_KEY",
  }),
  near("paystack-key", "paystack", "sk_(?:live|test)_[0-9a-f]{40}", "paystack.com/docs: authentication"),
  prefixed("shippo-token", "shippo_(?:live|test)_[0-9a-f]{40}", "docs.goshippo.com: authentication", {
    keywords: ["shippo_live_", "shippo_test_"],
  }),
  prefixed("easypost-key", "EZ(?:AK|TK)[A-Za-z0-9]{54}", "docs.easypost.com: authentication", {
    keywords: ["ezak", "eztk"],
  }),
  prefixed("lob-key", "(?:live|test)_(?:pub_)?[0-9a-f]{31,35}", "docs.lob.com: API keys", {
    keywords: ["live_", "test_"],
    exact: true,
  }),
  prefixed("duffel-token", "duffel_(?:live|test)_[A-Za-z0-9_=-]{43}", "duffel.com/docs: access tokens", {
    keywords: ["duffel_live_", "duffel_test_"],
  }),
  prefixed("xendit-key", "xnd_(?:production|development)_[A-Za-z0-9]{40,70}", "docs.xendit.co: API keys", {
    keywords: ["xnd_"],
  }),
  prefixed("midtrans-key", "(?:SB-)?Mid-server-[A-Za-z0-9_-]{20,40}", "docs.midtrans.com: server key", {
    keywords: ["mid-server-", "sb-mid-server-"],
  }),
  prefixed("iyzico-key", "sandbox-[A-Za-z0-9]{32}", "docs.iyzico.com: keys", { keywords: ["sandbox-"], exact: true }),
  prefixed(
    "mercado-pago-token",
    "APP_USR-[0-9]{10,20}-[0-9]{6}-[0-9a-f]{32}-[0-9]{5,12}",
    "mercadopago.com/developers: credentials",
    { keywords: ["app_usr-"] },
  ),
  near("klarna-key", "klarna", "[A-Za-z0-9_=+/-]{32,128}", "docs.klarna.com: API credentials"),
  near("wise-token", "transferwise wise_api wise-api", UUID, "docs.wise.com: API tokens"),
  near("chargebee-key", "chargebee", "(?:live|test)_[A-Za-z0-9]{30,50}", "apidocs.chargebee.com: API keys"),
  near("recurly-key", "recurly", "[0-9a-f]{32}", "recurly.com/developers: API keys"),
  near("zuora-secret", "zuora", "[A-Za-z0-9+/=]{24,64}", "developer.zuora.com: OAuth"),
  prefixed(
    "polar-token",
    "polar_(?:oat|pat|at_u|at_o|rt_u|rt_o|cst|whs)_[A-Za-z0-9]{32,60}",
    "docs.polar.sh: access tokens",
    { keywords: ["polar_"] },
  ),
  near("bigcommerce-token", "bigcommerce", "[a-z0-9]{31}", "developer.bigcommerce.com: API accounts"),
  prefixed("woocommerce-key", "c[ks]_[0-9a-f]{40}", "woocommerce.github.io: REST API keys", {
    keywords: ["ck_", "cs_"],
    exact: true,
  }),
  near("etsy-key", "etsy", "[a-z0-9]{24}", "developers.etsy.com: API keys"),
  prefixed("ebay-token", "v\\^1[.]1#i\\^1#[A-Za-z0-9^#+/=._-]{60,370}", "developer.ebay.com: auth'n'auth tokens", {
    keywords: ["v^1.1#i^1#"],
  }),
  prefixed(
    "ebay-production-secret",
    "(?:PRD|SBX)-[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}",
    "developer.ebay.com: application keys",
    { keywords: ["prd-", "sbx-"] },
  ),
  near(
    "shipstation-key",
    "shipstation shipengine",
    "[0-9a-f]{32}|(?:TEST_)?[A-Za-z0-9+/]{40,45}",
    "shipstation.com/docs: API keys",
  ),
  near(
    "coinbase-secret",
    "coinbase",
    "[A-Za-z0-9]{64}|[A-Za-z0-9]{32}|[A-Za-z0-9+/]{86}==",
    "docs.cdp.coinbase.com: API keys",
  ),
  near("binance-key", "binance", "[A-Za-z0-9]{64}", "developers.binance.com: API keys"),
  near("kraken-key", "kraken", "[A-Za-z0-9/=+]{56}|[A-Za-z0-9/=+]{80,90}", "docs.kraken.com: API keys"),
  near("kucoin-key", "kucoin", `[0-9a-f]{24}|${UUID}`, "kucoin.com/docs: API keys"),
  near("bitfinex-key", "bitfinex", "[A-Za-z0-9_-]{43}", "docs.bitfinex.com: API keys"),
  near("bittrex-key", "bittrex", "[0-9a-f]{32}", "bittrex.github.io: API keys"),
  near("bitmex-key", "bitmex", "[A-Za-z0-9_-]{24}(?:[A-Za-z0-9_-]{24})?", "bitmex.com/app: API keys"),
  near("okx-key", "okx okex", `${UUID}|[A-Z0-9]{32}`, "okx.com/docs: API keys"),
  near("bybit-key", "bybit", "[A-Za-z0-9]{18}|[A-Za-z0-9]{36}", "bybit-exchange.github.io: API keys"),
  near("etherscan-key", "etherscan bscscan polygonscan", "[A-Z0-9]{34}", "docs.etherscan.io: API keys"),
  near("infura-key", "infura", "[0-9a-f]{32}", "docs.infura.io: API keys"),
  near("alchemy-key", "alchemy alchemyapi", "[A-Za-z0-9_-]{32}", "docs.alchemy.com: API keys"),
  prefixed(
    "node-provider-url",
    "(?:infura[.]io/v3|alchemy[.]com/v2|alchemyapi[.]io/v2)/[A-Za-z0-9_-]{32}",
    "docs.infura.io, docs.alchemy.com: endpoints",
    { keywords: ["infura.io/v3/", "alchemy.com/v2/", "alchemyapi.io/v2/"], inWord: true },
  ),
  prefixed("settlemint-token", "sm_(?:pat|aat|sat)_[A-Za-z0-9]{16}", "console.settlemint.com: access tokens", {
    keywords: ["sm_pat_", "sm_aat_", "sm_sat_"],
    exact: true,
  }),
  near("coinmarketcap-key", "coinmarketcap cmc_pro", UUID, "coinmarketcap.com/api: keys"),
  prefixed("coingecko-key", "CG-[A-Za-z0-9]{24}", "docs.coingecko.com: API keys", { exact: true }),
  near(
    "wallet-private-key",
    "private_key privatekey priv_key privkey wallet mnemonic_seed",
    "(?:0x)?[0-9a-fA-F]{64}",
    "ethereum.org: accounts",
  ),
  near("bitcoin-wif-key", "wif bitcoin btc", "[5KL][1-9A-HJ-NP-Za-km-z]{50,51}", "en.bitcoin.it: wallet import format"),
  prefixed("bitcoin-extended-private-key", "[xyz]prv[1-9A-HJ-NP-Za-km-z]{100,112}", "BIP-32: serialisation format", {
    keywords: ["xprv", "yprv", "zprv"],
  }),
  near("alpaca-key", "alpaca apca", "[A-Za-z0-9]{40}|(?:PK|AK|CK)[A-Z0-9]{18,24}", "docs.alpaca.markets: API keys"),
  near("finnhub-key", "finnhub", "[a-z0-9]{20}(?:[a-z0-9]{20})?", "finnhub.io/docs"),
  near("alphavantage-key", "alphavantage alpha_vantage", "[A-Z0-9]{16}", "alphavantage.co/documentation"),
  near("polygon-io-key", "polygon", "[A-Za-z0-9_]{32}", "polygon.io/docs: API keys"),
  prefixed("iex-cloud-key", "T?sk_[0-9a-f]{32}", "iexcloud.io/docs: API tokens", {
    keywords: ["sk_", "tsk_"],
    exact: true,
  }),
  prefixed("maxmind-license-key", "[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk", "maxmind.com: licence keys", {
    keywords: ["_mmk"],
    lead: 36,
  }),
  near("finicity-key", "finicity", "[0-9a-f]{32}|[A-Za-z0-9]{20}", "developer.mastercard.com/open-banking: keys"),
  prefixed("creem-key", "creem_[A-Za-z0-9]{20,40}", "docs.creem.io: API keys"),
  prefixed("crossmint-key", "[sc]k_(?:staging|production)_[A-Za-z0-9]{24,240}", "docs.crossmint.com: API keys", {
    keywords: ["sk_staging_", "sk_production_", "ck_staging_", "ck_production_"],
  }),
  prefixed("branch-key", "key_(?:live|test)_[A-Za-z0-9]{16,40}", "help.branch.io: keys", {
    keywords: ["key_live_", "key_test_"],
  }),
  prefixed("omise-key", "skey_(?:test_)?[a-z0-9]{19}", "docs.omise.co: keys", { keywords: ["skey_"], exact: true }),
  prefixed("persona-key", `persona_(?:production|sandbox)_${UUID}`, "docs.withpersona.com: API keys", {
    keywords: ["persona_production_", "persona_sandbox_"],
  }),
  prefixed("brex-token", "bxt_[A-Za-z0-9]{36}", "developer.brex.com: user tokens"),
  prefixed("nostr-secret-key", "nsec1[02-9ac-hj-np-z]{58}", "NIP-19: bech32 entities", { keywords: ["nsec1"] }),
  prefixed("bitcoin-encrypted-key", "6P[1-9A-HJ-NP-Za-km-z]{56}", "BIP-38: encrypted keys", {
    keywords: ["6p"],
    exact: true,
  }),
  near("cielo-key", "cielo braspag", "[A-Za-z0-9]{20,64}", "docs.cielo.com.br: credentials"),
];
