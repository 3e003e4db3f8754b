import { PrunellaError } from "@prunella/contract";
import { Permit } from "@prunella/kernel";
import type { Inherits } from "../platform/program-environment.ts";
import type { Spawn, Spawned } from "../platform/spawn.ts";

export interface Program {
  /** The target: what faults, triggers and permits call it. */
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What it gets of our own environment. */
  readonly inherits: Inherits;
}

export interface Starter {
  /** The start that a person asked for; once. */
  first(): Promise<Spawned>;
  /** A restart is an effect: there is no way to it without a permit for exactly this program. */
  again(permit: Permit): Promise<Spawned>;
  /** Uses up a permit to stop exactly this program; throws for any other. */
  stop(permit: Permit): void;
}

export interface StarterDeps {
  readonly spawn: Spawn;
  readonly program: Program;
  readonly stdio: "inherit" | "pipe";
  readonly sharesTerminal: boolean;
  /** Told apart by it from every other start. */
  readonly mark: () => Readonly<Record<string, string>>;
}

export function createStarter({ spawn, program, stdio, sharesTerminal, mark }: StarterDeps): Starter {
  let restarts = -1;

  const start = () => {
    restarts += 1;
    return spawn({
      command: program.command,
      cwd: program.cwd,
      inherits: program.inherits,
      env: { ...program.env, PRUNELLA_RUN_ATTEMPT: String(restarts), ...mark() },
      stdio,
      sharesTerminal,
    });
  };

  return {
    async first() {
      if (restarts >= 0)
        throw new PrunellaError("PRUNELLA_PERMIT_INVALID", { detail: "Only the first start needs no permit." });
      return start();
    },
    async again(permit) {
      const { action, target } = Permit.read(permit);
      if ((action !== "restart" && action !== "start") || target !== `program:${program.name}`) {
        throw new PrunellaError("PRUNELLA_PERMIT_INVALID", {
          detail: `It allows ${action} of ${target}, not a start of ${program.name}.`,
        });
      }
      Permit.use(permit);
      return start();
    },
    stop(permit) {
      const { action, target } = Permit.use(permit);
      if (action === "stop" && target === `program:${program.name}`) return;
      throw new PrunellaError("PRUNELLA_PERMIT_INVALID", {
        detail: `It allows ${action} of ${target}, not a stop of ${program.name}.`,
      });
    },
  };
}
