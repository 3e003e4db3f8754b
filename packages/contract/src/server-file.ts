import { z } from "zod";

/** `server.json` of a data folder: how the CLI and supervisors find its owner. It holds a token. */
export const ServerFile = z.object({
  url: z.string().refine((url) => URL.canParse(url), "an address such as http://127.0.0.1:4500"),
  pid: z.int(),
  token: z.string().min(1),
});
export type ServerFile = z.infer<typeof ServerFile>;
