/** Programs above the core. What a plugin's author wrote is scrubbed. */
export interface PluginTables {
  plugin: {
    plugin_id: string;
    name: string;
    /** What of its source stays the same from version to version. */
    origin: string;
    namespace: string;
    /** Of the artifact that runs. */
    digest: string;
    installed_at: number;
    updated_at: number;
    by_actor: string;
  };
  plugin_artifact: {
    plugin_id: string;
    digest: string;
    version: string;
    manifest_digest: string;
    tree_digest: string;
    /** JSON. */
    manifest: string;
    /** JSON. */
    source: string;
    /** JSON: what came of looking at its signature; null: it has none. */
    signature: string | null;
    bundler: string;
    bytes: number;
    added_at: number;
  };
  plugin_disabled: { name: string; origin: string; since: number; reason: string; by_actor: string };
  plugin_trust: {
    project_id: string;
    plugin_id: string;
    digest: string;
    scope: string;
    /** JSON. */
    resources: string;
    reason: string | null;
    granted_by: string;
    granted_at: number;
    expires_at: number | null;
  };
  plugin_invocation: {
    project_id: string;
    invocation_id: string;
    plugin_id: string;
    digest: string;
    /** A command's name, or `event:` and one of an event. */
    command: string;
    via: "cli" | "console" | "api" | "event";
    by_actor: string;
    /** A person saw its arguments and said yes. */
    confirmed: number;
    /** `admitted`: its hooks are asked, and nothing else of it runs. `parked`: it waits for a person. */
    state: "admitted" | "parked" | "running" | "completed" | "failed" | "blocked";
    admitted_at: number;
    ended_at: number | null;
    deadline: number;
    /** JSON: by scope what was used, how often it was allowed and refused. */
    calls: string;
    refusal: string | null;
    detail: string | null;
    progress: string | null;
    /** JSON: of the words behind a program's command, how many, how long, and a hash after the scrubber. */
    argv_summary: string | null;
    /** JSON: what it takes to begin when the server that waits for a person has ended; null: it is lost with that. */
    parked_with: string | null;
    node_id: string;
    /** What held it; null before, and where it runs elsewhere. */
    engine: string | null;
    /** Index of its `plugin_invoked`; null before. */
    audit_log_id: number | null;
  };
  plugin_use: {
    project_id: string;
    plugin_id: string;
    scope: string;
    hour: number;
    allowed: number;
    refused: number;
    last_at: number;
  };
  plugin_state: {
    project_id: string;
    plugin_id: string;
    name: string;
    value: string;
    bytes: number;
    updated_at: number;
  };
  /** What is written outside about something, once; held by whoever writes it now. */
  filing: {
    filing_id: string;
    project_id: string;
    place: string;
    name: string;
    fault_id: string | null;
    /** Scrubbed; it stays when the draft is written. */
    title: string | null;
    number: number | null;
    url: string | null;
    first_at: number;
    filed_at: number | null;
    /** When it was first sent without anybody knowing that it was not taken; null: it cannot be there. */
    tried_at: number | null;
    /** What waits to be written, as JSON and scrubbed; null: nothing does. */
    draft: string | null;
    /** How often somebody wanted it filed. */
    asked: number;
    /** Why the place will never have it; null: nobody said so. */
    refused: string | null;
    holder: string | null;
    held_until: number | null;
  };
  /** What an issue is to be told, the newest text of each comment; held by whoever writes it now. */
  waiting_comment: {
    project_id: string;
    place: string;
    issue: number;
    marker: string;
    /** Scrubbed. */
    body: string;
    /** Another with each text. */
    version: number;
    first_at: number;
    holder: string | null;
    held_until: number | null;
  };
  /** A place outside that said when it may be asked again; nothing is asked there before. */
  outside_wait: { place: string; until: number; reason: string; times: number; noted_at: number };
  /** A triaged fault on its way: private, confirmed, public, fixed. */
  promotion: {
    project_id: string;
    fault_id: string;
    status: "new" | "confirmed" | "promoted" | "fixed";
    since: number;
    /** Of `filing`; null: not filed yet. */
    private_filing: string | null;
    public_filing: string | null;
    /** Events that its private issue speaks of, and since when. */
    told_count: number;
    told_at: number | null;
    /** When a person was asked, which is once. */
    asked_at: number | null;
    /** A person would not have it public. */
    refused_at: number | null;
    /** A person saw it again. */
    reproduced_at: number | null;
    /** What should have mended it, and since when somebody says so. */
    fix_release: string | null;
    fix_pull: string | null;
    fix_said_at: number | null;
    fixed_at: number | null;
    /** Why the last step came to nothing; null: it did not. */
    trouble: string | null;
    retry_at: number | null;
  };
  /** What was delivered once, by digest, for as long as it counts as once. */
  delivery_seen: { project_id: string; delivery_sha256: string; until: number };
}
