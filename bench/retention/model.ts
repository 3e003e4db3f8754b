/**
 * A program's life at the level of what is stored: faults come, rage and end, releases follow each other,
 * and a few faults make most of the events. Numbers come from a seed, so every run has the same.
 */
export interface ModelFault {
  readonly id: string;
  /** Days since the model began. */
  readonly born: number;
  readonly last: number;
  /** Its share of a day's events, against the others'. */
  readonly weight: number;
  readonly isResolved: boolean;
}

export interface ModelRow {
  readonly second: number;
  readonly release: string;
  readonly environment: string;
  readonly count: number;
}

export const DAY_S = 86_400;
/** Days for which a fault goes on, most of them; one in twenty never ends. */
const LIFE_DAYS = 15;
/** No fault is more than so many times as loud as the quietest. */
const LOUDEST = 1_000;

export interface Model {
  readonly faults: readonly ModelFault[];
  activeOn(day: number): readonly ModelFault[];
  /** The deltas of a fault on a day, by units of so many seconds: its events and no more rows than units for each key. */
  rowsOf(fault: ModelFault, day: number, unit: number): ModelRow[];
}

export function createModel(given: { days: number; eventsPerDay: number; faultsPerDay: number; begin: number }): Model {
  const random = randomOf(7);
  const faults: ModelFault[] = [];
  for (let born = 0; born < given.days; born += 1)
    for (let nth = 0; nth < given.faultsPerDay; nth += 1) {
      const isEndless = random() < 0.05;
      const life = isEndless ? given.days : Math.floor(-Math.log(1 - random()) * LIFE_DAYS);
      const last = Math.min(given.days - 1, born + life);
      const weight = Math.min(LOUDEST, 1 / (1 - random()));
      const isResolved = last < given.days - 3 && random() < 0.7;
      faults.push({ id: idOf(given.begin + born * DAY_S, faults.length), born, last, weight, isResolved });
    }
  const activeOn = (day: number): ModelFault[] => faults.filter((fault) => fault.born <= day && fault.last >= day);
  const weights = Array.from({ length: given.days }, (_, day) =>
    activeOn(day).reduce((sum, fault) => sum + fault.weight, 0),
  );
  return {
    faults,
    activeOn,
    rowsOf(fault, day, unit) {
      const events = Math.max(1, Math.round((given.eventsPerDay * fault.weight) / (weights[day] ?? 1)));
      const week = Math.floor(day / 7) + 1;
      const begin = given.begin + day * DAY_S;
      return [
        ...spread(Math.ceil(events * 0.68), `shop@1.${week}.0`, "production", begin, unit),
        ...spread(Math.floor(events * 0.27), `shop@1.${week - 1}.0`, "production", begin, unit),
        ...spread(Math.floor(events * 0.05), `shop@1.${week}.0`, "staging", begin, unit),
      ];
    },
  };
}

/** Events at random moments of a day fall into so many of its units. */
function spread(events: number, release: string, environment: string, begin: number, unit: number): ModelRow[] {
  const units = DAY_S / unit;
  const met = Math.min(events, Math.max(1, Math.round(units * (1 - Math.exp(-events / units)))));
  if (events === 0) return [];
  return Array.from({ length: met }, (_, at) => ({
    second: begin + Math.floor((at * units) / met) * unit,
    release,
    environment,
    count: Math.floor((events * (at + 1)) / met) - Math.floor((events * at) / met),
  }));
}

function idOf(second: number, nth: number): string {
  const time = (second * 1_000).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${nth.toString(16).padStart(12, "0")}`;
}

/** mulberry32 by its formula: a 32-bit state that is stirred. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
