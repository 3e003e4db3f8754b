import { z } from "zod";

const LOOPBACK_HOST = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** Where the server itself sends something: in the clear on this machine alone, and never with a password in it. */
export const OutboundUrl = z
  .url({ protocol: /^https?$/, error: "an address begins with https://, or with http:// on this machine" })
  .refine((url) => new URL(url).protocol === "https:" || LOOPBACK_HOST.test(new URL(url).hostname), {
    error: "only this machine is reached by http://; elsewhere it must be https://",
  })
  .refine((url) => new URL(url).username === "" && new URL(url).password === "", {
    error: "an address holds no name and no password",
  });
