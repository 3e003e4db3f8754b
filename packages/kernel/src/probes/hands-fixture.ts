import type { ProbeHands } from "@prunella/contract";

const nobody = async (): Promise<never> => {
  throw new Error("no hand is needed");
};

/** Of probes that reach for nothing. */
export const NO_HANDS: ProbeHands = {
  now: () => 0,
  http: nobody,
  tcp: nobody,
  dns: nobody,
  spawn: nobody,
  readFile: nobody,
  disk: nobody,
  processes: nobody,
  query: nobody,
};
