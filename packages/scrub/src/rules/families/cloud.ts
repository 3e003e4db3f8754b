import { near, prefixed, type Family } from "./family.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Clouds, hosting and networks. */
export const CLOUD_FAMILIES: readonly Family[] = [
  // Access keys and the unique ids that AWS lists beside them.
  prefixed(
    "aws-access-key-id",
    "(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}",
    "docs.aws.amazon.com/IAM: unique identifiers",
    {
      type: "AWS_ACCESS_KEY",
      keywords: ["akia", "asia", "aroa", "aida", "abia", "acca", "a3t"],
      exact: true,
      exampleEnding: "EXAMPLE",
    },
  ),
  near(
    "aws-secret-access-key",
    "aws amazon secret_access_key secretaccesskey",
    "[A-Za-z0-9/+]{40}",
    "docs.aws.amazon.com/IAM: access keys",
  ),
  prefixed(
    "aws-session-token",
    "(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9/+=]{80,370}",
    "docs.aws.amazon.com/STS: temporary credentials",
    {
      keywords: ["iqojb3jpz2lu", "fwogzxivyxdz", "fqogzxivyxdz"],
    },
  ),
  prefixed("aws-mws-token", `amzn[.]mws[.]${UUID}`, "developer.amazonservices.com: auth tokens"),
  prefixed("aws-bedrock-key", "ABSK[A-Za-z0-9+/]{100,270}={0,2}", "docs.aws.amazon.com/bedrock: API keys"),
  prefixed(
    "aws-bedrock-short-key",
    "bedrock-api-key-[A-Za-z0-9+/=]{40,370}",
    "docs.aws.amazon.com/bedrock: short-term keys",
  ),
  prefixed("amazon-oauth-token", "Atz[ar][|][A-Za-z0-9_/+=-]{40,370}", "developer.amazon.com: Login with Amazon", {
    keywords: ["atza|", "atzr|"],
  }),
  prefixed(
    "amazon-oauth-client-secret",
    "amzn1[.]oa2-cs[.]v1[.][0-9a-f]{64}",
    "developer.amazon.com: security profile",
  ),
  prefixed("google-api-key", "AIza[A-Za-z0-9_-]{35,45}", "cloud.google.com/docs: API keys", { inWord: true }),
  prefixed(
    "google-bound-api-key",
    "AQ[.]Ab8[A-Za-z0-9_-]{40,80}",
    "cloud.google.com/docs: keys bound to service accounts",
    {
      keywords: ["aq.ab8"],
    },
  ),
  prefixed("google-oauth-token", "ya29[.][A-Za-z0-9_.-]{20,380}", "developers.google.com/identity: access tokens"),
  prefixed("google-refresh-token", "1//0[A-Za-z0-9_-]{38,120}", "developers.google.com/identity: refresh tokens", {
    keywords: ["1//0"],
  }),
  prefixed("google-oauth-code", "4/0A[A-Za-z0-9_-]{60,90}", "developers.google.com/identity: authorisation codes", {
    keywords: ["4/0a"],
  }),
  prefixed("google-oauth-secret", "GOCSPX-[A-Za-z0-9_-]{28}", "developers.google.com/identity: client secrets", {
    inWord: true,
  }),
  prefixed("google-hmac-key", "GOOG[A-Z0-9]{20,60}", "cloud.google.com/storage: HMAC keys", {
    exact: true,
    keywords: ["goog"],
  }),
  prefixed(
    "firebase-messaging-key",
    "AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{134}",
    "firebase.google.com/docs: server key",
    { keywords: [":apa91b"], lead: 11 },
  ),
  near("google-private-key-id", "private_key_id", "[0-9a-f]{40}", "cloud.google.com/iam: service account keys"),
  prefixed(
    "azure-account-key",
    "(?:AccountKey|SharedAccessKey|accountkey|sharedaccesskey)=[A-Za-z0-9+/]{20,100}={0,2}",
    "learn.microsoft.com/azure/storage: connection strings",
    {
      type: "AZURE_KEY",
      keywords: ["accountkey=", "sharedaccesskey="],
      keepsKeyword: true,
      inWord: true,
    },
  ),
  near(
    "azure-client-secret",
    "azure client_secret clientsecret",
    "[A-Za-z0-9_~.]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}|[A-Za-z0-9_~.-]{40}",
    "learn.microsoft.com/entra: client secrets",
  ),
  // Keys since 2024 carry a readable mark at a known place.
  prefixed(
    "azure-annotated-key",
    "[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}",
    "learn.microsoft.com/azure: common annotated keys",
    { keywords: ["jqqj99"], lead: 52 },
  ),
  prefixed(
    "azure-storage-annotated-key",
    "[A-Za-z0-9/+]{76}[+]ASt[A-Za-z0-9/+]{5,6}={1,2}",
    "learn.microsoft.com/azure/storage: account keys",
    { keywords: ["+ast"], lead: 76 },
  ),
  // The same secret without a name in front: three characters, a version and `Q~`.
  prefixed(
    "azure-client-secret-marked",
    "[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
    "learn.microsoft.com/entra: client secrets",
    { keywords: ["q~"], lead: 4, type: "AZURE_CLIENT_SECRET" },
  ),
  near(
    "azure-key",
    "azure cognitive subscription-key subscription_key",
    "[0-9a-f]{32}|[A-Za-z0-9]{52}|[A-Za-z0-9]{84}",
    "learn.microsoft.com/azure: service keys",
  ),
  near(
    "azure-common-key",
    "azure storage_key storagekey cosmos eventhub servicebus iothub",
    "[A-Za-z0-9+/]{42,86}={1,2}",
    "learn.microsoft.com/azure: common annotated keys",
  ),
  prefixed("azure-sas-signature", "sig=[A-Za-z0-9%+/]{40,70}(?:=|%3[Dd])?", "learn.microsoft.com/azure/storage: SAS", {
    keywords: ["sig="],
    keepsKeyword: true,
  }),
  prefixed(
    "azure-function-key",
    "code=[A-Za-z0-9_-]{40,60}AzFu[A-Za-z0-9_-]{6,8}(?:==|%3[Dd]%3[Dd])",
    "learn.microsoft.com/azure/functions: access keys",
    { keywords: ["code="], keepsKeyword: true },
  ),
  prefixed("digitalocean-token", "do[opr]_v1_[0-9a-f]{64}", "docs.digitalocean.com: token prefixes", {
    keywords: ["dop_v1_", "doo_v1_", "dor_v1_"],
    inWord: true,
  }),
  near(
    "digitalocean-legacy-token",
    "digitalocean digital_ocean do_token",
    "[0-9a-f]{64}",
    "docs.digitalocean.com: tokens before 2022",
  ),
  near("digitalocean-spaces-key", "spaces", "[A-Za-z0-9+/]{43}", "docs.digitalocean.com: Spaces keys"),
  prefixed("alibaba-access-key", "LTAI[A-Za-z0-9]{12,26}", "alibabacloud.com/help: AccessKey", { exact: true }),
  near(
    "alibaba-secret",
    "aliyun alibaba alicloud oss_access accesskeysecret",
    "[A-Za-z0-9]{30}",
    "alibabacloud.com/help: AccessKey secret",
  ),
  prefixed("tencent-secret-id", "AKID[A-Za-z0-9]{13,40}", "cloud.tencent.com/document: SecretId", { exact: true }),
  near("tencent-secret-key", "tencent qcloud", "[A-Za-z0-9]{32}", "cloud.tencent.com/document: SecretKey"),
  prefixed("huawei-access-key", "HPUA[A-Z0-9]{16}", "support.huaweicloud.com: access keys", { exact: true }),
  near("huawei-secret-key", "huawei obs_secret", "[A-Za-z0-9]{40}", "support.huaweicloud.com: access keys"),
  near("baidu-secret-key", "baidu bce", "[0-9a-f]{32}", "cloud.baidu.com: access keys"),
  near("qiniu-key", "qiniu", "[A-Za-z0-9_-]{40}", "developer.qiniu.com: keys"),
  near("ibm-cloud-key", "ibm bluemix watson", "[A-Za-z0-9_-]{44}", "cloud.ibm.com/docs: API keys"),
  near("softlayer-key", "softlayer slapi sl_api sl-api", "[0-9a-f]{64}", "sldn.softlayer.com: API key"),
  prefixed(
    "softlayer-url-key",
    "softlayer[.]com/(?:soap|rest)/v3(?:[.]1)?/[0-9a-f]{64}",
    "sldn.softlayer.com: SOAP endpoint",
    { inWord: true, keywords: ["softlayer.com/"], keepsKeyword: true },
  ),
  near("cloudant-key", "cloudant", "[0-9a-f]{64}|[a-z]{24}", "cloud.ibm.com/docs: Cloudant"),
  near("oracle-auth-token", "oci oracle", "[A-Za-z0-9;:<>()\\[\\]._-]{20}", "docs.oracle.com: auth tokens"),
  prefixed("scalingo-token", "tk-us-[A-Za-z0-9_-]{48}", "developers.scalingo.com: API tokens", { exact: true }),
  prefixed("defined-networking-key", "dnkey-[A-Za-z0-9_=-]{26}-[A-Za-z0-9_=-]{52}", "docs.defined.net: API keys"),
  prefixed("infracost-key", "ico-[A-Za-z0-9]{32}", "infracost.io/docs: API keys", { exact: true }),
  near("linode-token", "linode", "[0-9a-f]{64}", "techdocs.akamai.com: personal access tokens"),
  prefixed("akamai-token", "akab-[a-z0-9]{16}-[a-z0-9]{16}", "techdocs.akamai.com: EdgeGrid", { inWord: true }),
  near("akamai-client-secret", "akamai edgegrid", "[A-Za-z0-9+/]{43}=", "techdocs.akamai.com: EdgeGrid"),
  near("hetzner-token", "hetzner hcloud", "[A-Za-z0-9]{64}", "docs.hetzner.cloud: API tokens"),
  near("vultr-key", "vultr", "[A-Z0-9]{36}", "vultr.com/api: API key"),
  prefixed("scaleway-access-key", "SCW[A-Z0-9]{17}", "scaleway.com/docs: API keys", { exact: true }),
  near("scaleway-secret-key", "scaleway scw", UUID, "scaleway.com/docs: API keys"),
  near("ovh-secret", "ovh", "[A-Za-z0-9]{16}|[A-Za-z0-9]{32}|[0-9a-f]{32}", "help.ovhcloud.com: API"),
  prefixed("upcloud-token", "ucat_[A-Z0-9]{26}", "upcloud.com/docs: API tokens"),
  prefixed("exoscale-key", "EXO[0-9a-f]{24}", "community.exoscale.com: IAM keys", { exact: true }),
  near("exoscale-secret", "exoscale", "[A-Za-z0-9_-]{43}", "community.exoscale.com: IAM keys"),
  near("civo-token", "civo", "[A-Za-z0-9]{50}", "civo.com/docs: API keys"),
  near("equinix-token", "equinix packet_auth metal_auth", "[A-Za-z0-9]{32}", "deploy.equinix.com: API keys"),
  prefixed("yandex-api-key", "AQVN[A-Za-z0-9_-]{35,38}", "yandex.cloud/docs: API keys"),
  prefixed(
    "yandex-iam-token",
    "t1[.][A-Za-z0-9_-]{2,300}={0,2}[.][A-Za-z0-9_-]{80,90}={0,2}",
    "yandex.cloud/docs: IAM tokens",
    { keywords: ["t1."] },
  ),
  prefixed(
    "yandex-dated-key",
    "(?:dict|trnsl|pdct)[.]1[.]1[.][0-9]{8}T[0-9]{6}Z[.][0-9a-f]{16}[.][0-9a-f]{40}",
    "yandex.com/dev: dictionary, translator and predictor keys",
    { keywords: ["dict.1.1.", "trnsl.1.1.", "pdct.1.1."] },
  ),
  prefixed("yandex-oauth-token", "y[0-3]_[A-Za-z0-9_-]{55,60}", "yandex.com/dev/id: OAuth tokens", {
    keywords: ["y0_", "y1_", "y2_", "y3_"],
  }),
  prefixed("yandex-static-key", "YC[AMNP][A-Za-z0-9_-]{22,38}", "yandex.cloud/docs: static keys", {
    keywords: ["yca", "ycm", "ycp", "ycn"],
    exact: true,
  }),
  // Forty characters and a checksum of eight hex digits.
  // Forty characters and a checksum, of which the page says neither letters nor length.
  prefixed("cloudflare-token", "cf(?:a|u)t_[A-Za-z0-9_-]{40,64}", "developers.cloudflare.com: token formats", {
    keywords: ["cfat_", "cfut_"],
  }),
  prefixed("cloudflare-global-key", "cfk_[A-Za-z0-9_-]{40,64}", "developers.cloudflare.com: token formats"),
  near(
    "cloudflare-legacy-key",
    "cloudflare cf_api cf-api x-auth-key",
    "[A-Za-z0-9_-]{40}|[0-9a-f]{37}",
    "developers.cloudflare.com: API tokens before 2025",
  ),
  prefixed(
    "cloudflare-origin-ca-key",
    "v1[.]0-[0-9a-f]{24}-[0-9a-f]{146}",
    "developers.cloudflare.com: origin CA keys",
    { keywords: ["v1.0-"] },
  ),
  near("fastly-token", "fastly", "[A-Za-z0-9_-]{32}", "fastly.com/documentation: API tokens"),
  near(
    "bunny-key",
    "bunny bunnycdn",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-[0-9a-f]{4}-[0-9a-f]{4}|[0-9a-f-]{72}",
    "docs.bunny.net: API keys",
  ),
  prefixed(
    "tailscale-key",
    "tskey-[a-z]{2,20}-[A-Za-z0-9]{8,40}(?:-[A-Za-z0-9]{8,64})?",
    "tailscale.com/kb: key prefixes",
    { inWord: true },
  ),
  near("zerotier-token", "zerotier", "[A-Za-z0-9]{32}", "docs.zerotier.com: API tokens"),
  near(
    "ngrok-token",
    "ngrok",
    "[12][A-Za-z0-9]{26}_[A-Za-z0-9]{20,22}|[A-Za-z0-9]{20}_[A-Za-z0-9]{20,22}",
    "ngrok.com/docs: authtokens",
  ),
  near("meraki-key", "meraki", "[0-9a-f]{40}", "developer.cisco.com/meraki: API keys"),
  near("namecheap-key", "namecheap", "[0-9a-f]{32}", "namecheap.com/support/api"),
  near("godaddy-key", "godaddy", "[A-Za-z0-9_]{20,50}", "developer.godaddy.com: keys"),
  near("dnsimple-token", "dnsimple", "(?:dnsimple_a_)?[A-Za-z0-9]{32}", "developer.dnsimple.com: tokens"),
  near("gandi-key", "gandi", "[A-Za-z0-9]{24}|[0-9a-f]{40}", "api.gandi.net/docs: authentication"),
  near("route4me-key", "route4me", "[A-Z0-9]{32}", "route4me.io/docs"),
  prefixed("backblaze-key", "K00[0-9][A-Za-z0-9/+]{27}", "backblaze.com/docs: application keys", {
    keywords: ["k00"],
    exact: true,
  }),
  near("wasabi-key", "wasabi minio", "[A-Za-z0-9/+]{40}", "docs.wasabi.com: access keys"),
  near("storj-access", "storj uplink", "1[A-Za-z0-9]{100,290}", "docs.storj.io: access grants"),
  near("rackspace-key", "rackspace", "[0-9a-f]{32}", "docs.rackspace.com: API keys"),
  prefixed("nutanix-key", "ntnx-[A-Za-z0-9-]{30,60}", "nutanix.dev: API keys"),
  prefixed("deno-deploy-token", "dd[powt]_[A-Za-z0-9]{36}", "docs.deno.com: access tokens", {
    keywords: ["ddp_", "ddw_", "ddo_", "ddt_"],
  }),
  prefixed(
    "terraform-cloud-token",
    "[A-Za-z0-9]{14}[.]atlasv1[.][A-Za-z0-9_=-]{60,70}",
    "developer.hashicorp.com/terraform: API tokens",
    { keywords: [".atlasv1."], lead: 14 },
  ),
  prefixed(
    "oracle-ocid-key",
    "ocid1[.]credential[.][a-z0-9.]{4,20}[.][a-z0-9]{40,80}",
    "docs.oracle.com: OCIDs of credentials",
  ),
  near("wireguard-key", "privatekey presharedkey", "[A-Za-z0-9+/]{43}=", "wireguard.com: wg(8) configuration"),
  prefixed("porkbun-key", "[ps]k1_[0-9a-f]{64}", "porkbun.com/api: keys", { keywords: ["pk1_", "sk1_"] }),
  prefixed("volcengine-key", "AKLT[A-Za-z0-9_-]{40,70}", "volcengine.com/docs: access keys"),
  prefixed("jdcloud-key", "JDC_[A-Z0-9]{28}", "docs.jdcloud.com: access keys"),
  prefixed("things-network-key", "NNSXS[.][A-Z0-9]{39}[.][A-Z0-9]{52}", "thethingsindustries.com/docs: API keys"),
  prefixed("ubidots-key", "BBFF-[A-Za-z0-9]{30,36}", "docs.ubidots.com: API keys"),
  prefixed(
    "thingsboard-device-url",
    "thingsboard[.]cloud/api/v1/[a-z0-9]{20}",
    "thingsboard.io/docs: HTTP device API",
    {
      keywords: ["thingsboard.cloud/api/v1/"],
      inWord: true,
    },
  ),
  prefixed("blynk-client", "oa2-client-id_[A-Za-z0-9_-]{32}", "docs.blynk.io: OAuth clients"),
  // The readable marks of identifiable keys, each at its known place.
  prefixed(
    "azure-identifiable-key-64",
    "[A-Za-z0-9+/]{76}(?:(?:ACDb|[+]ABa|APIM)[A-Za-z0-9+/]{6}==|AZDO[A-Za-z0-9]{4,5})",
    "learn.microsoft.com/azure: Cosmos DB, Batch, API Management, DevOps",
    { keywords: ["acdb", "+aba", "apim", "azdo"], lead: 76, type: "AZURE_KEY" },
  ),
  prefixed(
    "azure-identifiable-key-42",
    "[A-Za-z0-9+/]{42}(?:AzSe|[+]ACR)[A-D][A-Za-z0-9+/]{5}",
    "learn.microsoft.com/azure: AI Search, Container Registry",
    { keywords: ["azse", "+acr"], lead: 42, type: "AZURE_KEY" },
  ),
  prefixed(
    "azure-identifiable-key-32",
    "[A-Za-z0-9+/]{33}(?:AzCa|[+]ASb|[+]AEh|[+]ARm|AIoT)[A-P][A-Za-z0-9+/]{5}=",
    "learn.microsoft.com/azure: Cache, Service Bus, Event Hubs, Relay, IoT Hub",
    { keywords: ["azca", "+asb", "+aeh", "+arm", "aiot"], lead: 33, type: "AZURE_KEY" },
  ),
  near("anypoint-key", "anypoint mulesoft", `${UUID}|[0-9a-fA-F]{32}`, "docs.mulesoft.com: connected apps"),
];
