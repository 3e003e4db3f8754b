import type { ServerOptions } from "./client.ts";

/** What every command is given beside its own arguments. */
export interface Common extends ServerOptions {
  readonly json: boolean;
}
