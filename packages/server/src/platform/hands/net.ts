import { Resolver } from "node:dns/promises";
import { connect, isIPv6 } from "node:net";
import type { DnsType, ProbeHands } from "@prunella/contract";
import { failed } from "./failure.ts";

/** Opens a connection and lets it go. */
export const askTcp: ProbeHands["tcp"] = ({ host, port }, signal) =>
  new Promise((resolve) => {
    const where = isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
    const startedAt = performance.now();
    const socket = connect({ host, port });
    const onAbort = () => socket.destroy(Object.assign(new Error("aborted"), { code: "ABORT_ERR" }));
    signal.addEventListener("abort", onAbort, { once: true });
    const leave = () => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
    };
    socket.once("connect", () => {
      resolve({ ok: true, tookMs: performance.now() - startedAt });
      leave();
    });
    socket.once("error", (error) => {
      resolve(failed(where, error, signal));
      leave();
    });
    if (signal.aborted) onAbort();
  });

export const askDns: ProbeHands["dns"] = async ({ name, type, server }, signal) => {
  const resolver = new Resolver({ tries: 1 });
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  const startedAt = performance.now();
  try {
    if (server !== null) resolver.setServers([server]);
    const answers = await resolveAs(resolver, name, type);
    return { ok: true, answers, tookMs: performance.now() - startedAt };
  } catch (error) {
    return failed(name, error, signal);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
};

async function resolveAs(resolver: Resolver, name: string, type: DnsType): Promise<string[]> {
  switch (type) {
    case "A":
      return resolver.resolve4(name);
    case "AAAA":
      return resolver.resolve6(name);
    case "CNAME":
      return resolver.resolveCname(name);
    case "NS":
      return resolver.resolveNs(name);
    case "MX":
      return (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`);
    case "TXT":
      return (await resolver.resolveTxt(name)).map((parts) => parts.join(""));
  }
}
