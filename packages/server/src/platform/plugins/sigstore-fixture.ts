import { createHash, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { bundleToJSON } from "@sigstore/bundle";
import { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } from "@sigstore/mock";
import { DSSEBundleBuilder, FulcioSigner, MessageSignatureBundleBuilder, RekorWitness } from "@sigstore/sign";

/** Whoever signs: the address of a workflow, as such certificates name it. */
export const SIGNER = "https://example.org/octo/hello/.github/workflows/release.yml@refs/heads/main";

/**
 * For tests: doubles of Sigstore's public services, which cannot be reached. They are those that the library's authors
 * test with, behind a real port of this machine, with keys of their own; what signs is the real client.
 */
export async function openSigstore(signer = SIGNER) {
  const keys = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const log = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const ctLog = await initializeCTLog(keys);
  const ca = await initializeCA(keys, ctLog);
  let handlers: readonly { path: string; fn: (body: string) => Promise<Answer> }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const handler = handlers.find(({ path }) => path === request.url);
      const answer = (await handler?.fn(await text(request))) ?? { statusCode: 404, response: "nothing" };
      response.writeHead(answer.statusCode, { "content-type": answer.contentType ?? "text/plain" });
      response.end(answer.response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `http://127.0.0.1:${address.port}`;
  const tLog = await initializeTLog(url, log);
  handlers = [fulcioHandler(ca), rekorHandler(tLog)];

  const since = { start: "2020-01-01T00:00:00Z" };
  const key = (bytes: Buffer) => ({
    baseUrl: url,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: bytes.toString("base64"), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor: since },
    logId: { keyId: createHash("sha256").update(bytes).digest("base64") },
  });
  const root = {
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [key(tLog.publicKey)],
    ctlogs: [key(ctLog.publicKey)],
    certificateAuthorities: [
      {
        subject: { organization: "example.org", commonName: "a double" },
        uri: url,
        certChain: { certificates: [{ rawBytes: Buffer.from(ca.rootCertificate.buffer).toString("base64") }] },
        validFor: since,
      },
    ],
    timestampAuthorities: [],
  };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = [part({ alg: "none" }), part({ sub: signer, iss: "https://token.example.org", aud: "sigstore" }), "x"];
  const services = () => ({
    signer: new FulcioSigner({
      fulcioBaseURL: url,
      identityProvider: { getToken: () => Promise.resolve(token.join(".")) },
    }),
    witnesses: [new RekorWitness({ rekorBaseURL: url, entryType: "intoto" })],
  });

  return {
    root: { json: root, date: "2026-01-01" },
    /** As `cosign sign-blob` does. */
    signText: async (data: string): Promise<string> =>
      JSON.stringify(
        bundleToJSON(await new MessageSignatureBundleBuilder(services()).create({ data: Buffer.from(data) })),
      ),
    /** As `actions/attest` does. */
    signStatement: async (sha256: string, type = "application/vnd.in-toto+json"): Promise<string> => {
      const statement = {
        _type: "https://in-toto.io/Statement/v1",
        subject: [{ name: "hello", digest: { sha256 } }],
        predicateType: "https://slsa.dev/provenance/v1",
        predicate: {},
      };
      const data = Buffer.from(JSON.stringify(statement));
      return JSON.stringify(bundleToJSON(await new DSSEBundleBuilder(services()).create({ data, type })));
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

interface Answer {
  readonly statusCode: number;
  readonly response: string | ArrayBufferView;
  readonly contentType?: string;
}
