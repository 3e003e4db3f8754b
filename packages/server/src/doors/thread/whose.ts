/** Requests that are remembered; more than these are not in hand at once. */
const PLACES = 4_096;

export interface Whose {
  note(id: number, number: string): void;
  /** The project's number; null when nobody knows. */
  of(id: number): string | null;
}

export const newWhose = (): SharedArrayBuffer => new SharedArrayBuffer(2 * PLACES * Float64Array.BYTES_PER_ELEMENT);

/**
 * Whose each request is, in shared memory: a thread that hangs or dies can no longer say so. Numbers have
 * at most 16 digits; those above 2^53 lose their last one and are nobody's.
 */
export function openWhose(memory: SharedArrayBuffer): Whose {
  const cells = new Float64Array(memory);
  const placeOf = (id: number): number => 2 * (id % PLACES);
  return {
    note(id, number) {
      cells[placeOf(id) + 1] = Number(number);
      cells[placeOf(id)] = id;
    },
    of: (id) => (cells[placeOf(id)] === id ? String(cells[placeOf(id) + 1]) : null),
  };
}
