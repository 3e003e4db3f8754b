import { lookup, promises, type LookupAddress, type LookupAllOptions } from "node:dns";
import http from "node:http";
import https from "node:https";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** Nobody answers a checkpoint with more. */
const MAX_ANSWER_BYTES = 65_536;
const ANSWER_MS = 10_000;

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Where no webhook or witness lives, but what answers without a key: a cloud's metadata, neighbours on the wire. */
const refused = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
] as const)
  refused.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of [
  ["::", 128],
  ["fe80::", 10],
  ["ff00::", 8],
  ["fd00:ec2::", 32],
] as const)
  refused.addSubnet(net, prefix, "ipv6");

/** Where machines of somebody's own network are. An address written out may be one of them; a name leads to none. */
const inward = new BlockList();
for (const [net, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
] as const)
  inward.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of [
  ["fc00::", 7],
  ["fec0::", 10],
  // What stands for an address of the fourth version: which one is not looked at.
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["2002::", 16],
  ["2001::", 32],
] as const)
  inward.addSubnet(net, prefix, "ipv6");

export interface Posted {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds to wait before the next try, where the answer says so. */
  readonly retryAfterMs: number | null;
  readonly body: Buffer;
}

/**
 * One POST to an address that the configuration names. The address is checked after the name was looked
 * up, and that one is connected to; redirects are answers like others; what comes back is bounded.
 * Rejects when nobody answers in time.
 */
export function post(
  address: string,
  given: {
    readonly type: string;
    readonly body: Uint8Array;
    readonly signal: AbortSignal;
    readonly headers?: Readonly<Record<string, string>>;
  },
): Promise<Posted> {
  const signal = AbortSignal.any([given.signal, AbortSignal.timeout(ANSWER_MS)]);
  return send(address, {
    method: "POST",
    headers: { ...given.headers, "content-type": given.type },
    body: given.body,
    signal,
  });
}

/** The same by any method; whoever asks bounds it in time. */
export function send(
  address: string,
  given: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
    readonly signal: AbortSignal;
    readonly maxBytes?: number;
    /** `outward`: for addresses that others chose. A name leads to no machine of our own network. */
    readonly reach?: "configured" | "outward";
    /** For tests: how a name is looked up. */
    readonly resolve?: Resolve;
  },
): Promise<Posted> {
  const most = given.maxBytes ?? MAX_ANSWER_BYTES;
  const isOutward = given.reach === "outward";
  const url = new URL(address);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isLocal = host === "localhost" || (isIP(host) > 0 && holds(loopback, host));
  if (url.protocol !== "https:" && !isLocal)
    return Promise.reject(new Error("only this machine is reached by http://"));
  if (isIP(host) > 0 && !mayReach(host, isLocal)) return Promise.reject(new Error("that address is not reached"));
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    const asking = request(
      url,
      {
        method: given.method,
        agent: false,
        lookup: lookupAllowed(isLocal, isOutward, given.resolve ?? lookup),
        signal: given.signal,
        headers: { ...given.headers, "content-length": given.body.byteLength },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on("error", reject);
        answer.on("data", (chunk: Buffer) => {
          size += chunk.byteLength;
          if (size > most) asking.destroy(new Error(`the answer has more than ${most} bytes`));
          else chunks.push(chunk);
        });
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
            body: Buffer.concat(chunks),
            retryAfterMs: waitOf(answer.headers["retry-after"]),
          }),
        );
      },
    );
    asking.on("error", reject);
    asking.end(given.body);
  });
}

/** Seconds, or a moment (RFC 9110, section 10.2.3). */
function waitOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

/** An address that a name leads to and that may be reached, for protocols other than HTTP. */
export async function addressOf(host: string): Promise<string> {
  const isLocal = host === "localhost" || (isIP(host) > 0 && holds(loopback, host));
  const found = isIP(host) > 0 ? [host] : (await promises.lookup(host, { all: true })).map(({ address }) => address);
  const allowed = found.find((address) => mayReach(address, isLocal));
  if (allowed === undefined) throw new Error(`${host} leads to no address that is reached`);
  return allowed;
}

/** A name may lead anywhere, and elsewhere the next time: the first allowed address of it is connected to. */
const lookupAllowed =
  (isLocal: boolean, isOutward: boolean, resolve: Resolve): LookupFunction =>
  (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, found) => {
      const allowed = error
        ? []
        : found.filter(({ address }) => mayReach(address, isLocal) && !(isOutward && holds(inward, address)));
      const [first] = allowed;
      if (first === undefined) callback(error ?? new Error(`${name} leads to no address that is reached`), "", 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };

type Resolve = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/** What is meant for this machine stays on it, and what is not does not come back to it. */
function mayReach(address: string, isLocal: boolean): boolean {
  return holds(loopback, address) === isLocal && !holds(refused, address);
}

function holds(list: BlockList, address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  return list.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
}
