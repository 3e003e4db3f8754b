type EntryFacts = {
  at: number | null;
  type: string;
  words: string;
  fault: string | null;
  escalation: string | null;
  /** `person:operator`, `system`: as entries are looked for by it. */
  actor: string | null;
};

/** What a list shows of an entry. Entries come as unknown: a newer server may know more types. */
export function entryFacts(entry: unknown): EntryFacts {
  const fields = new Map<string, unknown>(typeof entry === "object" && entry !== null ? Object.entries(entry) : []);
  const text = (key: string): string | null => {
    const value = fields.get(key);
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
  };
  const at = fields.get("at");
  const details = [
    "action",
    "target",
    "trigger",
    "switch",
    "probe",
    "heartbeat",
    "change",
    "state",
    "verification",
    "refusal",
    "reason",
    "decision",
    "status",
  ]
    .map((key) => text(key)?.replaceAll("_", " "))
    .filter((value) => value !== undefined);
  const on = fields.get("on");
  if (typeof on === "boolean") details.push(on ? "on" : "off");
  const who = fields.get("by") ?? fields.get("subject");
  let actor: string | null = null;
  if (typeof who === "object" && who !== null && "kind" in who) {
    details.push(`by ${String(who.kind)}`);
    actor = "id" in who && typeof who.id === "string" ? `${String(who.kind)}:${who.id}` : String(who.kind);
  }
  return {
    at: typeof at === "number" ? at : null,
    type: text("type") ?? "unknown entry",
    words: details.join(" · "),
    fault: text("fault"),
    escalation: text("escalation"),
    actor,
  };
}
