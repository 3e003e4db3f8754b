import { ProbeCategory, ProbeStatus, type Probe, type ProbeHands, type ProbeResult } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import type { Clock } from "../ports.ts";

/** Of what a probe says about itself. */
const MAX_DETAIL = 300;
const MAX_MEASURED = 16;

export interface RunDeps {
  readonly kinds: ReadonlyMap<string, Probe>;
  /** null where nothing is looked at. */
  readonly hands: ProbeHands | null;
  readonly clock: Clock;
  readonly scrubText: Scrubber["scrubText"];
}

/**
 * One look, which always ends: in time, by its timeout, or because the probe is at fault. A probe that does
 * not end by its signal is left alone and waited for no longer.
 */
export async function look(
  deps: RunDeps,
  given: { readonly kind: string; readonly settings: unknown; readonly timeoutMs: number },
): Promise<ProbeResult> {
  const probe = deps.kinds.get(given.kind);
  const { hands } = deps;
  if (!probe || hands === null) return unknown("kind_unknown", `Nothing here knows probes of the kind ${given.kind}.`);
  const settings = probe.settings.safeParse(given.settings);
  if (!settings.success) return unknown("settings_invalid", "Its settings do not fit its kind.");
  const abort = new AbortController();
  let cancel = (): void => undefined;
  const tooLate = new Promise<ProbeResult>((resolve) => {
    cancel = deps.clock.after(given.timeoutMs, () => {
      // Told before the probe hears of it, so that it is this that counts.
      resolve(timedOut(given.timeoutMs));
      abort.abort();
    });
  });
  try {
    return tidy(await Promise.race([probe.check(settings.data, hands, abort.signal), tooLate]), deps.scrubText);
  } catch {
    return unknown("probe_failed", `The probe itself failed.`);
  } finally {
    cancel();
    abort.abort();
  }
}

const timedOut = (ms: number): ProbeResult => ({
  status: "unhealthy",
  category: "timeout",
  detail: `It took longer than ${ms} ms.`,
  measured: {},
});

const unknown = (category: string, detail: string): ProbeResult => ({
  status: "unknown",
  category,
  detail,
  measured: {},
});

/** What a probe answers is somebody else's: it is bounded, and its words are scrubbed. */
function tidy(given: ProbeResult, scrubText: Scrubber["scrubText"]): ProbeResult {
  const status = ProbeStatus.safeParse(given.status);
  const category = ProbeCategory.safeParse(given.category);
  if (!status.success || !category.success || typeof given.detail !== "string")
    return unknown("probe_failed", "The probe answered something that is no result.");
  const measured = Object.entries(given.measured)
    .filter(([name, value]) => ProbeCategory.safeParse(name).success && Number.isFinite(value))
    .slice(0, MAX_MEASURED)
    .map(([name, value]) => [name, Math.round(value * 100) / 100]);
  const line = given.detail
    .slice(0, MAX_DETAIL * 4)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim();
  const scrubbed = scrubText(line).text.value;
  return {
    status: status.data,
    category: category.data,
    detail: scrubbed.length > MAX_DETAIL ? `${scrubbed.slice(0, MAX_DETAIL - 1).toWellFormed()}…` : scrubbed,
    measured: Object.fromEntries(measured),
  };
}
