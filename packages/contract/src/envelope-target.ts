import { z } from "zod";

/** What an envelope is called: a probe, a provider, or what its operator knows it by. */
export const ProbeName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,47}$/, "a probe's name is 1 to 48 of a-z, 0-9, _ and -, such as shop-http");

/** An exact target, or everything directly below one with a closing slash and star: `machine:my-app/*`. */
export const EnvelopeTarget = z
  .string()
  .max(200)
  .regex(
    /^[a-z][a-z0-9-]{0,30}:[A-Za-z0-9._@:/#-]*(?:[A-Za-z0-9._@:/#-]|\/\*)$/,
    "a target is <kind>:<id>, such as program:shop, or <kind>:<part>/* for what lies directly below",
  );
