/**
 * Whether a worker's address leads, or may lead, into our own network: anything but `https://` and a name of the
 * public kind. Whoever may write a configuration shall not have this server ask around there.
 */
export function isInward(address: string): boolean {
  const { protocol, hostname } = new URL(address);
  // `URL` writes every form of an address of four parts with its dots: 0x7f.1 is 127.0.0.1.
  const isNumbered = hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
  const isName = hostname.includes(".") && !/\.(?:localhost|local|internal|lan|home\.arpa)\.?$/.test(hostname);
  return protocol !== "https:" || isNumbered || !isName;
}
