import { TraceMap } from "@jridgewell/trace-mapping";
import { PrunellaError, type Event, type NewSourceMap, type SourceMapRow } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import type { NewId } from "../ids.ts";
import type { Clock, Log } from "../ports.ts";
import { readGeneration } from "../store/generation.ts";
import type { Engine } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";
import { checkMap } from "./check-map.ts";
import { createMapFinder, indexMaps, type MapIndex } from "./find-map.ts";
import { addMap, listMaps, readMap, removeMap } from "./store.ts";
import { symbolicate } from "./symbolicate.ts";
import { noteUse } from "./unused.ts";

export interface SourceMapsDeps {
  readonly engine: Engine;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: NewId;
  readonly scrubText: Scrubber["scrubText"];
  /** As for rules: whoever keeps either in memory looks again. */
  readonly publish: (topic: "rules", id: string) => void;
}

const CACHE_MAPS = 8;
/** Of text and of what decoding makes of it. A larger map stands in the cache alone. */
const CACHE_BYTES = 67_108_864;
/** A character of mappings takes about this much once it is decoded. */
const DECODED_BYTES = 16;
/** No event names more built files than this, and none may empty the cache. */
const MAPS_PER_EVENT = CACHE_MAPS;
/** Reading a map costs far more than an event, and anyone with a DSN key can send events: enough for every honest release. */
const READS_PER_MINUTE = 120;
/** The largest maps take most of a second each, in which nothing else is done. */
const READ_BYTES_PER_MINUTE = 536_870_912;

/** Keeps source maps and looks frames up in them. A project without any pays one look into a Map. */
export async function createSourceMaps({ engine, writer, clock, log, newId, scrubText, publish }: SourceMapsDeps) {
  const db = engine.reader;
  let generation = await readGeneration(db, "source_maps");
  let indexes = await readIndexes();
  const cache = new Map<string, { map: TraceMap; bytes: number }>();
  const reading = new Map<string, Promise<TraceMap | null>>();
  let reads = 0;
  let readBytes = 0;
  let readsSince = clock.now();
  /** Read since it was last noted down, by the map's id. */
  const used = new Map<string, { projectId: string; mapId: string }>();

  async function readIndexes(): Promise<Map<string, MapIndex>> {
    const byProject = Map.groupBy(await listMaps(db), (row) => row.project_id);
    return new Map([...byProject].map(([projectId, rows]) => [projectId, indexMaps(rows)]));
  }

  async function mapOf(row: SourceMapRow): Promise<TraceMap | null> {
    used.set(row.id, { projectId: row.project_id, mapId: row.id });
    const kept = cache.get(row.id);
    if (kept !== undefined) {
      // The order of a Map is that of insertion: the first is the one not asked for the longest.
      cache.delete(row.id);
      cache.set(row.id, kept);
      return kept.map;
    }
    let running = reading.get(row.id);
    if (running === undefined) {
      if (!mayRead(row.bytes)) return null;
      running = load(row).finally(() => reading.delete(row.id));
      reading.set(row.id, running);
    }
    return running;
  }

  function mayRead(bytes: number): boolean {
    const now = clock.now();
    if (now - readsSince >= 60_000) [reads, readBytes, readsSince] = [0, 0, now];
    if (reads >= READS_PER_MINUTE || readBytes >= READ_BYTES_PER_MINUTE) return false;
    reads += 1;
    readBytes += bytes;
    return true;
  }

  async function load(row: SourceMapRow): Promise<TraceMap | null> {
    const text = await readMap(db, row.project_id, row.id);
    if (text === null) return null;
    const map = new TraceMap(text);
    const bytes = text.length + encodedLength(text) * DECODED_BYTES;
    cache.set(row.id, { map, bytes });
    let total = 0;
    for (const each of cache.values()) total += each.bytes;
    for (const [id, each] of cache) {
      if (cache.size <= 1 || (cache.size <= CACHE_MAPS && total <= CACHE_BYTES)) break;
      cache.delete(id);
      total -= each.bytes;
    }
    return map;
  }

  /** Other servers on the same database take in maps too. */
  async function refresh(): Promise<void> {
    const present = await readGeneration(db, "source_maps");
    if (present === generation) return;
    generation = present;
    indexes = await readIndexes();
    const standing = new Set((await listMaps(db)).map((row) => row.id));
    for (const id of cache.keys()) if (!standing.has(id)) cache.delete(id);
  }

  async function noteUsed(): Promise<void> {
    if (used.size === 0) return;
    const maps = [...used.values()];
    used.clear();
    await writer.run((tx) => noteUse(tx, clock.now(), maps));
  }

  return {
    /** False for most projects; nothing else is done for their events. */
    has: (projectId: string): boolean => indexes.has(projectId),

    /** The event as its authors wrote the code. A map that cannot be read costs the event nothing. */
    async symbolicate(projectId: string, event: Event): Promise<Event> {
      const index = indexes.get(projectId);
      if (index === undefined) return event;
      try {
        const rowOf = createMapFinder(index, event);
        const rows = new Set<SourceMapRow>();
        for (const { frames } of event.errors)
          for (const { filename } of frames) {
            const row = filename === null ? null : rowOf(filename);
            if (row !== null && rows.size < MAPS_PER_EVENT) rows.add(row);
          }
        if (rows.size === 0) return event;
        const maps = new Map<string, TraceMap>();
        for (const row of rows) {
          const map = await mapOf(row);
          if (map !== null) maps.set(row.id, map);
        }
        return symbolicate(event, (filename) => maps.get(rowOf(filename)?.id ?? "") ?? null);
      } catch {
        log.warn("an event could not be looked up in its source maps and is kept as it came");
        return event;
      }
    },

    /** Reads again which maps there are. */
    refresh,
    /** Writes down which maps were read, so that those are not the ones that age. */
    noteUsed,

    list: (projectId?: string): Promise<SourceMapRow[]> => listMaps(db, projectId),

    async add(given: NewSourceMap): Promise<SourceMapRow> {
      const checked = await checkMap(given.map, { scrubText, breathe: () => engine.nextTurn() });
      const row = await writer.run((tx) =>
        addMap(tx, {
          id: newId(),
          now: clock.now(),
          projectId: given.project,
          debugId: given.debug_id ?? null,
          release: given.release ?? null,
          file: given.file ?? null,
          checked,
        }),
      );
      await refresh();
      publish("rules", "changed");
      return row;
    },

    async remove(mapId: string): Promise<void> {
      if (mapId === "") throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such source map." });
      await writer.run((tx) => removeMap(tx, mapId));
      await refresh();
      publish("rules", "changed");
    },
  };
}

/** Of the mappings in a stored map, which stand last but the list of what is ignored. */
function encodedLength(text: string): number {
  const from = text.lastIndexOf('"mappings":"');
  return from === -1 ? 0 : text.indexOf('"', from + 12) - from - 12;
}
