import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";

const sha256 = (bytes: Uint8Array | string): Buffer => createHash("sha256").update(bytes).digest();
const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");

/** As much of CBOR (RFC 8949) as an attestation needs. */
function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map)
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, each]) => [cbor(key), cbor(each)])]);
  throw new Error("not needed here");
}
function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}

const member = (value: unknown, name: string): string => String(Reflect.get(Object(value), name));

/** An authenticator in software: one passkey, as the specification of WebAuthn describes its bytes. */
export function passkeyDevice(given: { readonly origin: string; readonly rpId: string }) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const id = randomBytes(32);
  const clientData = (type: string, options: unknown, origin: string) =>
    Buffer.from(JSON.stringify({ type, challenge: member(options, "challenge"), origin, crossOrigin: false }));
  const authenticatorData = (flags: number, counter: number, rpId: string, more: Uint8Array = Buffer.alloc(0)) => {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count, more]);
  };
  const credential = { id: b64(id), rawId: b64(id), type: "public-key", clientExtensionResults: {} };

  return {
    id: b64(id),
    /** The person was there and was verified, unless `flags` says otherwise. */
    make(options: unknown, { flags = 0x45, origin = given.origin, rpId = given.rpId } = {}) {
      const key = cbor(
        new Map<number, unknown>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, "base64url")],
          [-3, Buffer.from(y, "base64url")],
        ]),
      );
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, key]);
      const attestationObject = cbor(
        new Map<string, unknown>([
          ["fmt", "none"],
          ["attStmt", new Map()],
          ["authData", authenticatorData(flags, 1, rpId, attested)],
        ]),
      );
      const clientDataJSON = clientData("webauthn.create", options, origin);
      return {
        ...credential,
        response: {
          clientDataJSON: b64(clientDataJSON),
          attestationObject: b64(attestationObject),
          transports: ["internal"],
        },
      };
    },
    use(options: unknown, counter: number, { flags = 0x05, origin = given.origin, rpId = given.rpId } = {}) {
      const clientDataJSON = clientData("webauthn.get", options, origin);
      const data = authenticatorData(flags, counter, rpId);
      const signature = createSign("sha256")
        .update(Buffer.concat([data, sha256(clientDataJSON)]))
        .sign(privateKey);
      return {
        ...credential,
        response: { clientDataJSON: b64(clientDataJSON), authenticatorData: b64(data), signature: b64(signature) },
      };
    },
  };
}
