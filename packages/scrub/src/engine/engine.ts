import { encodedRuns } from "../disguise/encoded-run.ts";
import { placeholder } from "./placeholder.ts";
import { cutPieces, type Cut } from "./pieces.ts";
import { Finds } from "./finds.ts";
import { buildTable, meet, speaksOf, type Met, type Table } from "./meet.ts";
import { copiesIn, soughtOf } from "./copies.ts";
import { Memo } from "./memo.ts";
import { guardsFor, Work } from "./work.ts";
import { plainView } from "../disguise/plain-view.ts";
import { LOOK_AHEAD, LOOK_BACK, type Rule } from "./rule.ts";

/** Finds what must go; made once for a table of rules. */
export type Engine = {
  readonly findCuts: (text: string) => readonly Cut[] | null;
  readonly types: ReadonlySet<string>;
  /** True when a rule goes by a word that stands in the name of a key, so that its value is to be read with it. */
  readonly speaksOf: (key: string) => boolean;
  /** The same rules, but what is only removed from anonymous reports and typed fields goes as well. */
  readonly strict: Engine;
};

/** Runs over one text until nothing more is found; hostile text that never settles goes whole. */
const MAX_ROUNDS = 8;
/** base64 in base64 in base64 is read so deep. */
const MAX_DEPTH = 2;

type Found = {
  readonly cuts: readonly Cut[] | null;
  readonly disguises: readonly number[] | null;
  readonly isHostile: boolean;
  /** Whether what is left, of so many characters, asks for no more looks than it may. */
  readonly isSettled: (left: number) => boolean;
};

/** Looking for copies, against reading a text keyword by keyword. */
const COPYING = 0.6;
const settled = (): boolean => true;
const HOSTILE: Found = { cuts: null, disguises: null, isHostile: true, isSettled: settled };
/** `[REDACTED:AWS_SECRET_ACCESS_KEY]` holds keywords too. */
const GUARDED_IN_PLACEHOLDER = 4;
const isNothing = ({ hits, barriers, disguises }: Met): boolean =>
  hits === null && barriers === null && disguises === null;

/** `counts`: who wants to know what each text costs gets the count that bounds it. */
export function createEngine(
  rules: readonly Rule[],
  types: ReadonlySet<string>,
  counts: (length: number) => Work = (length) => new Work(length),
): Engine {
  // Built at the first text, not at import; both engines share it.
  let table: Table | undefined;
  const strict = engineWith(types, () => (table ??= buildTable(rules)), rules[0]!, counts, null);
  return engineWith(types, () => (table ??= buildTable(rules)), rules[0]!, counts, strict);
}

/** `strictEngine` is null for the strict engine itself. */
function engineWith(
  types: ReadonlySet<string>,
  tableOf: () => Table,
  fallback: Rule,
  counts: (length: number) => Work,
  strictEngine: Engine | null,
): Engine {
  const strict = strictEngine === null;
  let memo: Memo | undefined;
  const engine: Engine = {
    types,
    get strict() {
      return strictEngine ?? engine;
    },
    findCuts: (text) => (memo ??= new Memo()).cutsOf(text, judge),
    speaksOf: (key) => speaksOf(key, tableOf()),
  };
  return engine;

  function judge(text: string): readonly Cut[] | null {
    const most = guardsFor(text.length);
    const met = meet(text, tableOf(), types, true, most);
    if (met.guarded <= most && isNothing(met) && !mayHoldRun(text)) return null;
    const work = counts(text.length);
    const cuts = settle(text, 0, work, met);
    return cuts === null ? null : everywhere(text, cuts, work);
  }

  /** What was found once goes wherever it stands; what that leaves is judged like the rest. */
  function everywhere(text: string, found: readonly Cut[], work: Work): readonly Cut[] {
    let all = found;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const sought = soughtOf(text, all);
      if (sought.length === 0) return all;
      if (!work.read(text.length * COPYING)) return whole(text);
      const copies = copiesIn(applyCuts(text, all), sought);
      if (copies === null) return all;
      all = together(all, copies);
      const more = settle(applyCuts(text, all), 0, work);
      if (more === null) continue;
      all = together(all, more);
    }
    return all;
  }

  function whole(text: string): readonly Cut[] {
    return [{ start: 0, end: text.length, rule: fallback, type: "SECRET" }];
  }

  /**
   * Scans, then looks behind disguises, then scans what is left, until a round finds nothing: that
   * is what a second run over the result would do, so a second run changes nothing.
   */
  function settle(text: string, depth: number, work: Work, met?: Met): readonly Cut[] | null {
    let seen = scan(text, work, true, met);
    if (seen.isHostile) return whole(text);
    let all = seen.cuts;
    // Judged by what is left, because that is all a second run sees.
    let rest = all === null ? text : applyCuts(text, all);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (all !== null) {
        // Nothing is left to find there, and a second run asks for no more looks than this one did.
        const isSettled = seen.isSettled(rest.length);
        if (isSettled && seen.disguises === null && !mayHoldRun(rest)) return all;
        seen = scan(rest, work, !isSettled);
        if (seen.isHostile) return whole(text);
      } else if (seen.disguises === null && !mayHoldRun(rest)) return all;
      const more = behindDisguises(rest, seen.disguises, depth, work);
      if (more === "hostile") return whole(text);
      if (more === null) return all;
      all = together(all, more);
      rest = applyCuts(text, all);
      seen = scan(rest, work);
      if (seen.isHostile) return whole(text);
      if (seen.cuts !== null) {
        all = together(all, seen.cuts);
        rest = applyCuts(text, all);
      }
    }
    return whole(text);
  }

  /** Without `judged`, only where disguises stand. `met`: where that is known already. */
  function scan(text: string, work: Work, judged = true, met?: Met): Found {
    if (!work.read(text.length)) return HOSTILE;
    const most = work.guardsLeft(text.length);
    const { hits, barriers, disguises, guarded } = met ?? meet(text, tableOf(), types, judged, most);
    work.guard(guarded);
    if (guarded > most || work.exhausted()) return HOSTILE;
    if (hits === null) return { cuts: null, disguises, isHostile: false, isSettled: settled };
    const finds = new Finds(text.length, work);
    const cuts = cutPieces(text, hits, barriers, strict, finds);
    const isSettled = (left: number): boolean =>
      finds.isSettled(left) && guarded + (cuts?.length ?? 0) * GUARDED_IN_PLACEHOLDER <= guardsFor(left);
    return { cuts, disguises, isHostile: finds.exhausted(), isSettled };
  }

  /** Cuts in the text as it stands, for what only shows when escapes, colours and encodings are undone. */
  function behindDisguises(
    text: string,
    disguises: readonly number[] | null,
    depth: number,
    work: Work,
  ): Cut[] | null | "hostile" {
    const cuts: Cut[] = [];
    for (const [lo, hi] of regions(text, disguises)) {
      const view = plainView(text, lo, hi);
      if (view === null) continue;
      const seen = scan(view.text, work);
      if (seen.isHostile) return "hostile";
      for (const cut of seen.cuts ?? []) cuts.push({ ...cut, start: view.from[cut.start]!, end: view.from[cut.end]! });
      if (depth < MAX_DEPTH)
        for (const cut of encoded(view.text, depth, work))
          cuts.push({ ...cut, start: view.from[cut.start]!, end: view.from[cut.end]! });
    }
    if (depth < MAX_DEPTH) cuts.push(...encoded(text, depth, work));
    if (work.exhausted()) return "hostile";
    return cuts.length === 0 ? null : withoutOverlap(cuts);
  }

  function encoded(text: string, depth: number, work: Work): Cut[] {
    const cuts: Cut[] = [];
    for (const run of encodedRuns(text) ?? []) {
      const inside = settle(run.plain, depth + 1, work);
      if (inside === null) continue;
      const best = inside.reduce((a, b) => (b.rule.rank > a.rule.rank ? b : a));
      cuts.push({ start: run.start, end: run.end, rule: best.rule, type: best.type });
    }
    return cuts;
  }
}

function mayHoldRun(text: string): boolean {
  return text.length >= 24 && encodedRuns(text) !== null;
}

/** Stretches of text around disguises, far enough for a key in front and a value behind. */
function regions(text: string, disguises: readonly number[] | null): [number, number][] {
  const out: [number, number][] = [];
  let last: [number, number] | undefined;
  for (const at of disguises ?? []) {
    const lo = Math.max(0, at - LOOK_BACK * 2);
    const hi = Math.min(text.length, at + LOOK_AHEAD * 2);
    if (last !== undefined && lo <= last[1]) last[1] = hi;
    else out.push((last = [lo, hi]));
  }
  for (const region of out) {
    for (let i = 0; i < 64 && region[0] > 0 && text.charCodeAt(region[0] - 1) > 32; i++) region[0]--;
    for (let i = 0; i < 64 && region[1] < text.length && text.charCodeAt(region[1]) > 32; i++) region[1]++;
  }
  // Growing may have made neighbours touch.
  return out.filter((region, i) => {
    const after = out[i + 1];
    if (after === undefined || region[1] <= after[0]) return true;
    after[0] = region[0];
    return false;
  });
}

function withoutOverlap(cuts: Cut[]): Cut[] {
  cuts.sort((a, b) => a.start - b.start || b.end - a.end);
  const out: Cut[] = [];
  for (const cut of cuts) {
    const last = out.at(-1);
    if (last === undefined || cut.start >= last.end) out.push({ ...cut });
    else {
      if (cut.rule.rank > last.rule.rank) Object.assign(last, { rule: cut.rule, type: cut.type });
      last.end = Math.max(last.end, cut.end);
    }
  }
  return out;
}

/** `more` was found in the text after `done`; both in places of the text before. */
function together(done: readonly Cut[] | null, more: readonly Cut[]): Cut[] {
  if (done === null) return [...more];
  const out: Cut[] = [];
  let i = 0;
  /** original = place in the cut text + shift, for places behind the cuts passed so far */
  let shift = 0;
  for (const cut of more) {
    while (i < done.length && done[i]!.start - shift <= cut.start) {
      const passed = done[i++]!;
      shift += passed.end - passed.start - placeholder(passed.type).length;
      out.push(passed);
    }
    let start = cut.start + shift;
    let end = cut.end + shift;
    // An escape in front of a placeholder may hide its beginning; what begins inside of it goes with it.
    let { rule, type } = cut;
    const before = out.at(-1);
    if (before !== undefined && before.end > start) {
      out.pop();
      start = before.start;
      end = Math.max(end, before.end);
      if (before.rule.rank > rule.rank) ({ rule, type } = before);
    }
    // A placeholder inside a longer find goes with it.
    while (i < done.length && done[i]!.start < end) {
      const passed = done[i++]!;
      const grown = passed.end - passed.start - placeholder(passed.type).length;
      shift += grown;
      end += grown;
    }
    out.push({ start, end, rule, type });
  }
  return out.concat(done.slice(i)).sort((a, b) => a.start - b.start);
}

export function applyCuts(text: string, cuts: readonly Cut[]): string {
  let out = "";
  let from = 0;
  for (const cut of cuts) {
    out += text.slice(from, cut.start) + placeholder(cut.type);
    from = cut.end;
  }
  return out + text.slice(from);
}
