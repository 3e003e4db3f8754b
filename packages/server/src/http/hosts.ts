import { isIP } from "node:net";
import { PrunellaError, type Config } from "@prunella/contract";

/**
 * Whether a request is meant for this server. A web page that lets its own name lead here (DNS
 * rebinding) sends that name; a number cannot be rebound, so every address is taken.
 * @throws PRUNELLA_HOST_UNKNOWN
 */
export function assertKnownHost(host: string | undefined, server: Config["server"]): void {
  const name = nameOf(host ?? "");
  if (name === "localhost" || name.endsWith(".localhost") || isIP(name) !== 0) return;
  if (server.hosts.some((known) => known.toLowerCase() === name)) return;
  if (server.host.toLowerCase() === name) return;
  for (const url of [server.public_url, server.own_url])
    if (url !== null && new URL(url).hostname.toLowerCase() === name) return;
  throw new PrunellaError("PRUNELLA_HOST_UNKNOWN", {
    detail: "The Host header names another server.",
    hint: "Add the name to server.hosts, or set server.public_url.",
  });
}

/** Without its port, and an IPv6 address without its brackets. */
function nameOf(host: string): string {
  const [, bracketed, plain] =
    /^(?:\[([^\]]{0,64})\]|([^:]{0,255}))(?::\d{1,5})?$/.exec(host.trim().toLowerCase()) ?? [];
  return bracketed ?? plain ?? "";
}
