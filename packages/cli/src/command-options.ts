import type { ServerOptions } from "./address.ts";

/** What every command is given beside its own arguments. */
export interface Common extends ServerOptions {
  readonly json: boolean;
}
