import type { Notice } from "@prunella/contract";
import type { NewId } from "./ids.ts";
import { createNotices, type Notices } from "./nodes/notices.ts";
import type { Clock, Log, Meter, Rng } from "./ports.ts";
import type { Engine } from "./store/engine.ts";
import { createWriter, type Writer } from "./store/writer.ts";

/** What every area works with. */
export interface Core {
  readonly engine: Engine;
  readonly db: Engine["reader"];
  readonly writer: Writer;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  readonly meter: Meter | undefined;
  readonly newId: NewId;
  /** This process. */
  readonly nodeId: string;
  readonly notices: Notices;
  /** `about`: the target that it concerns, where it concerns one. */
  publish(this: void, topic: Notice["topic"], id: string, version?: number, about?: string): void;
}

export function createCore({
  engine,
  clock,
  rng,
  log,
  newId,
  meter,
}: Pick<Core, "engine" | "clock" | "rng" | "log" | "newId"> & { readonly meter?: Meter | undefined }): Core {
  const nodeId = newId();
  const notices = createNotices({ channel: engine.channel, nodeId, clock, log });
  return {
    engine,
    db: engine.reader,
    writer: createWriter(engine, meter),
    clock,
    rng,
    log,
    meter,
    newId,
    nodeId,
    notices,
    publish: (topic, id, version = 0, about) => notices.publish({ topic, id, version, about }),
  };
}
