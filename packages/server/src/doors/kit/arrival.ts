import type { IncomingMessage } from "node:http";
import { PrunellaError, type Limits } from "@prunella/contract";
import type { Kernel } from "@prunella/kernel";
import { refusalOf, type Refusal } from "./answers.ts";
import { readBody } from "./body.ts";
import type { Hold } from "./in-flight.ts";
import { assertKey, type Projects } from "./projects.ts";

type Pressure = NonNullable<ReturnType<Kernel["pressure"]>>;

/** One request on its way through a door. */
export interface Arrival {
  readonly request: IncomingMessage;
  /**
   * Whose request it is, by number and key of a DSN. What is refused from here on is counted as a loss
   * of that project, a wrong key included.
   *
   * @throws PRUNELLA_INGEST_PROJECT_UNKNOWN, PRUNELLA_INGEST_KEY_WRONG
   * @throws PRUNELLA_INGEST_BUSY under back-pressure
   */
  enter(number: string, key: string): Promise<string>;
  /**
   * Back-pressure, for requests that do not say whose they are before they are read.
   *
   * @throws PRUNELLA_INGEST_BUSY
   */
  assertRoom(): void;
  /** The body, unpacked, see `readBody`. Counted as in flight until the answer is there. */
  body(maxBytes?: number): Promise<Buffer>;
}

/** The kit's own side of it. */
export interface OpenArrival extends Arrival {
  /** The project that was entered; null when nobody knows whose it is. */
  readonly projectId: string | null;
  refusalOf(thrown: unknown): Refusal;
}

export interface ArrivalDeps {
  readonly kernel: Pick<Kernel, "pressure">;
  readonly projects: Projects;
  readonly limits: Limits;
}

const PRESSURE = {
  queue: "The queue of events is full.",
  disk: "The disk is nearly full.",
  new_faults: "Too many new faults in a minute.",
  stored_bytes: "Too many bytes in a minute.",
} as const satisfies Record<Pressure["reason"], string>;

export function createArrival(
  request: IncomingMessage,
  hold: Hold,
  { kernel, projects, limits }: ArrivalDeps,
): OpenArrival {
  let projectId: string | null = null;
  let pressure: Pressure | null = null;

  function assertRoom(): void {
    pressure = kernel.pressure(projectId ?? "");
    if (pressure) throw new PrunellaError("PRUNELLA_INGEST_BUSY", { detail: PRESSURE[pressure.reason] });
  }

  return {
    request,
    get projectId() {
      return projectId;
    },
    async enter(number, key) {
      const project = await projects.find(number);
      projectId = project.id;
      assertKey(project, key);
      assertRoom();
      return project.id;
    },
    assertRoom,
    body: (maxBytes = Number.POSITIVE_INFINITY) =>
      readBody(request, request.headers, {
        compressedMax: Math.min(maxBytes, limits.compressed_bytes),
        decompressedMax: Math.min(maxBytes, limits.decompressed_bytes),
        hold,
      }),
    refusalOf(thrown) {
      const refusal = refusalOf(thrown);
      // Nothing is thrown after back-pressure but back-pressure itself.
      return pressure === null
        ? refusal
        : { ...refusal, retryAfterS: pressure.retryAfterS, reason: `door.${pressure.reason}` };
    },
  };
}
