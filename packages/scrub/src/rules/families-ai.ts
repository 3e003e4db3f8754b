import { near, prefixed, type Family } from "./family.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** Models, vectors and the tools around them. */
export const AI_FAMILIES: readonly Family[] = [
  // `sk-ant-api03-` and its sisters carry 95 characters; keys of 2023 had no kind and were shorter.
  prefixed(
    "anthropic-key",
    "sk-ant-(?:[a-z]{2,10}[0-9]{2}-[A-Za-z0-9_-]{80,200}|[A-Za-z0-9_-]{40,200})",
    "docs.anthropic.com: API keys",
    { inWord: true, version: 2 },
  ),
  prefixed(
    "openai-key",
    "sk-(?:proj|svcacct|admin|service|None)-[A-Za-z0-9_-]{20,300}",
    "platform.openai.com: project keys",
    {
      keywords: ["sk-proj-", "sk-svcacct-", "sk-admin-", "sk-service-", "sk-none-"],
      inWord: true,
    },
  ),
  // 48 letters and digits; also DeepSeek (32 hex), Moonshot (48) and StepFun, who share the prefix.
  prefixed("openai-legacy-key", "sk-[A-Za-z0-9]{20,64}", "platform.openai.com: user keys", {
    keywords: ["sk-"],
    type: "OPENAI_KEY",
    exact: true,
  }),
  prefixed("openai-session", "sess-[A-Za-z0-9]{40}", "platform.openai.com: session keys", {
    keywords: ["sess-"],
    exact: true,
  }),
  prefixed("openrouter-key", "sk-or-(?:v1-)?[0-9a-f]{40,64}", "openrouter.ai/docs: API keys", {
    keywords: ["sk-or-"],
    inWord: true,
  }),
  prefixed("hugging-face-token", "(?:hf|api_org)_[A-Za-z0-9]{34}", "huggingface.co/docs: access tokens", {
    version: 2,
    exact: true,
    keywords: ["hf_", "api_org_"],
  }),
  prefixed("groq-key", "gsk_[A-Za-z0-9]{52}", "console.groq.com/docs: API keys", { exact: true, version: 2 }),
  prefixed("xai-key", "xai-[A-Za-z0-9]{60,100}", "docs.x.ai: API keys"),
  prefixed("replicate-token", "r8_[A-Za-z0-9]{37,40}", "replicate.com/docs: API tokens", { keywords: ["r8_"] }),
  prefixed("perplexity-key", "pplx-[A-Za-z0-9]{40,64}", "docs.perplexity.ai: API keys"),
  near("mistral-key", "mistral codestral", "[A-Za-z0-9]{32}", "docs.mistral.ai: API keys"),
  near("cohere-key", "cohere co_api", "[A-Za-z0-9]{40}", "docs.cohere.com: API keys"),
  prefixed("together-key", "tgp_v1_[A-Za-z0-9_-]{40,60}", "docs.together.ai: API keys"),
  near("together-legacy-key", "together", "[0-9a-f]{64}", "docs.together.ai: keys before 2025"),
  prefixed("fireworks-key", "fw_[A-Za-z0-9]{22,32}", "docs.fireworks.ai: API keys", { keywords: ["fw_"], exact: true }),
  prefixed("elevenlabs-key", "sk_[0-9a-f]{48}", "elevenlabs.io/docs: API keys", { keywords: ["sk_"], exact: true }),
  near(
    "elevenlabs-legacy-key",
    "elevenlabs eleven_labs xi-api-key xi_api",
    "[0-9a-f]{32}",
    "elevenlabs.io/docs: API keys",
  ),
  prefixed("langsmith-key", "lsv2_(?:pt|sk|ls)_[0-9a-f]{32}_[0-9a-f]{10}", "docs.smith.langchain.com: API keys", {
    keywords: ["lsv2_"],
  }),
  prefixed("langfuse-key", `sk-lf-${UUID}`, "langfuse.com/docs: API keys", { keywords: ["sk-lf-"] }),
  prefixed("wandb-key", "wandb_v1_[A-Za-z0-9_]{60,100}", "docs.wandb.ai: API keys"),
  near("wandb-legacy-key", "wandb weights_and_biases", "[0-9a-f]{40}", "docs.wandb.ai: API keys"),
  prefixed("cerebras-key", "csk-[A-Za-z0-9]{44,56}", "inference-docs.cerebras.ai: API keys"),
  prefixed("nvidia-key", "nvapi-[A-Za-z0-9_-]{60,72}", "docs.nvidia.com/nim: API keys", { inWord: true }),
  near("nvidia-ngc-key", "ngc_api ngc_cli", "[A-Za-z0-9]{84}", "docs.nvidia.com/ngc: API keys"),
  prefixed("voyage-key", "pa-[A-Za-z0-9_-]{40,48}", "docs.voyageai.com: API keys", { keywords: ["pa-"], exact: true }),
  prefixed("jina-key", "jina_[A-Za-z0-9_-]{50,70}", "jina.ai: API keys"),
  near("deepgram-key", "deepgram", "[0-9a-f]{40}", "developers.deepgram.com: API keys"),
  near("assemblyai-key", "assemblyai assembly_ai aai_api", "[0-9a-f]{32}", "assemblyai.com/docs: API keys"),
  near("stability-key", "stability dreamstudio", "sk-[A-Za-z0-9]{48}", "platform.stability.ai: API keys"),
  near("baseten-key", "baseten", "[A-Za-z0-9]{8}[.][A-Za-z0-9]{32}", "docs.baseten.co: API keys"),
  prefixed("modal-token", "a[ks]-[A-Za-z0-9]{22}", "modal.com/docs: tokens", { keywords: ["ak-", "as-"], exact: true }),
  prefixed("runpod-key", "rpa_[A-Z0-9]{30,60}[A-Za-z0-9]{0,10}", "docs.runpod.io: API keys", { keywords: ["rpa_"] }),
  prefixed("anyscale-key", "esecret_[A-Za-z0-9]{24,30}", "docs.anyscale.com: API keys"),
  prefixed("tavily-key", "tvly-(?:dev-|prod-)?[A-Za-z0-9]{20,40}", "docs.tavily.com: API keys", {
    keywords: ["tvly-"],
  }),
  near("exa-key", "exa_api exa-api", UUID, "docs.exa.ai: API keys"),
  near(
    "serper-serpapi-key",
    "serper serpapi serp_api",
    "[0-9a-f]{40}|[0-9a-f]{64}",
    "serper.dev, serpapi.com: API keys",
  ),
  prefixed("firecrawl-key", "fc-[0-9a-f]{32}", "docs.firecrawl.dev: API keys", { keywords: ["fc-"], exact: true }),
  prefixed("e2b-key", "e2b_[0-9a-f]{40}", "e2b.dev/docs: API keys", { keywords: ["e2b_"] }),
  near("sambanova-key", "sambanova", UUID, "docs.sambanova.ai: API keys"),
  near("clarifai-key", "clarifai", "[0-9a-f]{32}", "docs.clarifai.com: API keys"),
  near("roboflow-key", "roboflow", "[A-Za-z0-9]{20}", "docs.roboflow.com: API keys"),
  near("ai21-key", "ai21", `[A-Za-z0-9]{32}|${UUID}`, "docs.ai21.com: API keys"),
  near("aleph-alpha-key", "aleph_alpha aleph-alpha", "eyJ[A-Za-z0-9._-]{60,250}", "docs.aleph-alpha.com"),
  prefixed("llama-cloud-key", "llx-[A-Za-z0-9]{40,60}", "docs.cloud.llamaindex.ai: API keys", { keywords: ["llx-"] }),
  prefixed(
    "helicone-key",
    "(?:sk|pk|rk)-helicone-(?:eu-)?[a-z0-9]{7}-[a-z0-9]{7}-[a-z0-9]{7}-[a-z0-9]{7}",
    "docs.helicone.ai: API keys",
    { keywords: ["sk-helicone-", "pk-helicone-", "rk-helicone-"] },
  ),
  prefixed("portkey-key", "pk-[A-Za-z0-9+/]{26,30}=?", "portkey.ai/docs: API keys", { keywords: ["pk-"], exact: true }),
  prefixed("neptune-token", "eyJhcGlfYWRkcmVzcyI6[A-Za-z0-9+/=]{60,350}", "docs.neptune.ai: API tokens", {
    keywords: ["eyjhcglfywrkcmvzcyi6"],
  }),
  near("comet-key", "comet_api comet_ml comet-api", "[A-Za-z0-9]{25}", "comet.com/docs: API keys"),
  prefixed("apify-token", "apify_api_[A-Za-z0-9]{34,40}", "docs.apify.com: API tokens"),
  prefixed("browserbase-key", "bb_(?:live|test)_[A-Za-z0-9_-]{24,36}", "docs.browserbase.com: API keys", {
    keywords: ["bb_live_", "bb_test_"],
  }),
  near(
    "scraping-key",
    "scrapingbee scraperapi zenrows scrapfly brightdata",
    "[A-Za-z0-9]{32,80}|scp-(?:live|test)-[0-9a-f]{32}",
    "scrapingbee.com/documentation",
  ),
  near("gemini-key", "gemini vertex", "AIza[A-Za-z0-9_-]{35}|AQ[.][A-Za-z0-9_-]{50}", "ai.google.dev: API keys"),
  prefixed("cursor-key", "key_[0-9a-f]{64}", "docs.cursor.com: API keys", { keywords: ["key_"], exact: true }),
  prefixed("copilot-token", "tid=[0-9a-f]{32};exp=[0-9]{8,12};[A-Za-z0-9=;:._-]{40,250}", "docs.github.com/copilot", {
    keywords: ["tid="],
  }),
  prefixed("deepl-key", `${UUID}:fx`, "developers.deepl.com: authentication", { keywords: [":fx"], lead: 36 }),
  near("deepl-pro-key", "deepl", UUID, "developers.deepl.com: authentication"),
  near(
    "minimax-zhipu-key",
    "minimax zhipu zhipuai bigmodel glm_api",
    "[0-9a-f]{32}[.][A-Za-z0-9]{16}|eyJ[A-Za-z0-9._-]{60,250}",
    "open.bigmodel.cn: API keys",
  ),
  near("speechmatics-rev-key", "speechmatics rev_ai revai", "[A-Za-z0-9_-]{32,64}", "docs.speechmatics.com: API keys"),
  near("d-id-heygen-key", "heygen synthesia", "[A-Za-z0-9=]{32,64}", "docs.heygen.com: API keys"),
  prefixed("letta-mem0-key", "m0-[A-Za-z0-9]{40}", "docs.mem0.ai: API keys", { keywords: ["m0-"], exact: true }),
  prefixed(
    "pydantic-logfire-token",
    "pylf_v[0-9]{1,2}_(?:us|eu)_[A-Za-z0-9]{40,60}",
    "logfire.pydantic.dev: write tokens",
    { keywords: ["pylf_v"] },
  ),
];
