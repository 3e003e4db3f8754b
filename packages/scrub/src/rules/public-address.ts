/**
 * Whether an address leads to somebody. Those of private, shared, link-local, loopback, multicast,
 * reserved and documentation networks (IANA's special-purpose registries, RFC 6890) are the same in
 * a million houses: they name no person, and an engineer needs them to see which service did not answer.
 */
export function isPublicIpv4(address: string): boolean {
  const [a, b, c] = firstThree(address);
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100) return b < 64 || b > 127; // carriers and overlay networks, RFC 6598
  if (a === 169) return b !== 254;
  if (a === 172) return b < 16 || b > 31;
  if (a === 192) return !(b === 168 || (b === 0 && (c === 2 || c === 0)));
  if (a === 198) return !(b === 18 || b === 19 || (b === 51 && c === 100)); // benchmarks, documentation
  return !(a === 203 && b === 0 && c === 113);
}

function firstThree(address: string): [number, number, number] {
  const parts: [number, number, number] = [0, 0, 0];
  for (let i = 0, at = 0; at < address.length && i < 3; at++) {
    const digit = address.charCodeAt(at) - 48;
    if (digit < 0) i++;
    else parts[i] = parts[i]! * 10 + digit;
  }
  return parts;
}

/** Takes an address that is known to be one, in any spelling of RFC 4291. */
export function isPublicIpv6(address: string): boolean {
  const mapped = /^(?:::|::ffff:|64:ff9b::)(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address);
  if (mapped !== null) return isPublicIpv4(mapped[1]!);
  if (address.startsWith("::")) return address !== "::" && address !== "::1";
  const groups = address.split(":");
  const first = Number.parseInt(groups[0]!, 16);
  if ((first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 || (first & 0xff00) === 0xff00) return false;
  return !(first === 0x2001 && /^0?db8$/i.test(groups[1]!)) && first !== 0x3fff && first !== 0x100;
}
