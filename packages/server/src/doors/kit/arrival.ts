import { PrunellaError, type Limits } from "@prunella/contract";
import type { DoorKernel } from "@prunella/kernel";
import { refusalOf, type Refusal } from "./answers.ts";
import { boundsOf, unpackBody } from "./body.ts";
import type { Head } from "./head.ts";
import type { Hold } from "./in-flight.ts";
import { assertKey, type Projects } from "./projects.ts";

type Pressure = NonNullable<ReturnType<DoorKernel["pressure"]>>;

/** One request on its way through a door. */
export interface Arrival {
  readonly request: Head;
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
  /** The body, unpacked, see `boundsOf`. Counted as in flight until the answer is there. */
  body(maxBytes?: number): Promise<Buffer>;
}

/** The kit's own side of it. */
export interface OpenArrival extends Arrival {
  /** The project that was entered; null when nobody knows whose it is. */
  readonly projectId: string | null;
  refusalOf(thrown: unknown): Refusal;
}

/** One request as it reaches the doors. */
export interface Source {
  readonly head: Head;
  /** Its body as it came over the wire; whoever reads it counts it as in flight. */
  wire(maxBytes: number): Promise<Buffer>;
  /** Told whose it is, for the case that nobody answers it. */
  entered(number: string): void;
}

export interface ArrivalDeps {
  readonly kernel: Pick<DoorKernel, "pressure">;
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
  { head: request, wire, entered }: Source,
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
      entered(number);
      assertKey(project, key);
      assertRoom();
      return project.id;
    },
    assertRoom,
    async body(maxBytes = Number.POSITIVE_INFINITY) {
      const bounds = boundsOf(request.headers, {
        compressedMax: Math.min(maxBytes, limits.compressed_bytes),
        decompressedMax: Math.min(maxBytes, limits.decompressed_bytes),
        inFlightMax: hold.maxBytes,
      });
      return unpackBody(await wire(bounds.wireMax), bounds, hold);
    },
    refusalOf(thrown) {
      const refusal = refusalOf(thrown);
      // Nothing is thrown after back-pressure but back-pressure itself.
      return pressure === null
        ? refusal
        : { ...refusal, retryAfterS: pressure.retryAfterS, reason: `door.${pressure.reason}` };
    },
  };
}
