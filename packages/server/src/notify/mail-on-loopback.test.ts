import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Message } from "@prunella/contract";
import { afterAll, describe, expect, it } from "vitest";
import { createAuthority } from "../../../../test/adversarial/private-authority.ts";
import { needs } from "../../../../test/needs.ts";
import { openMailServer, subjectsOf } from "./smtp-fixture.ts";
import { sendEmail } from "./email.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-mail-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const message = Message.parse({
  v: 1,
  id: "test.0190",
  kind: "test",
  project: null,
  level: "error",
  fault: null,
  thread: null,
  revision: 0,
  state: "information",
  title: "A test of the channel mail",
  sections: [],
  question: null,
  links: [],
});

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!needs("openssl", hasOpenssl()))("mail over STARTTLS", () => {
  it("arrives where the certificate is good, and goes nowhere in the clear or to somebody else", async () => {
    const known = createAuthority(folder, "known");
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, readFileSync(known.path, "utf8")]);
    try {
      const certified = known.certify("IP:127.0.0.1");
      const encrypted: boolean[] = [];
      const watched = {
        onMailFrom: (_address: unknown, { secure }: { secure: boolean }, next: () => void) => (
          encrypted.push(secure),
          next()
        ),
      };
      const withTls = { disabledCommands: ["AUTH"], ...watched };
      await using good = await openMailServer({ ...withTls, ...certified });
      await using forged = await openMailServer({
        ...withTls,
        ...createAuthority(folder, "stranger").certify("IP:127.0.0.1"),
      });
      await using other = await openMailServer({ ...withTls, ...known.certify("DNS:mail.example.org") });
      await using clear = await openMailServer(watched);
      const send = (port: number) =>
        sendEmail(
          {
            host: "127.0.0.1",
            port,
            tls: "starttls",
            user: null,
            password: null,
            from: "a@b.example",
            to: ["c@b.example"],
          },
          message,
        );
      expect(await send(good.port)).toEqual({ kind: "sent" });
      expect(subjectsOf(good.mails)).toEqual(["A test of the channel mail"]);
      expect(encrypted).toEqual([true]);
      for (const [{ port, mails }, kind] of [
        [forged, "later"],
        [other, "later"],
        [clear, "refused"],
      ] as const) {
        expect(await send(port)).toMatchObject({ kind });
        expect(mails).toEqual([]);
      }
      expect(encrypted).toEqual([true]);
    } finally {
      setDefaultCACertificates(before);
    }
  });
});
