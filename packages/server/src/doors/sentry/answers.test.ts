import { describe, expect, it } from "vitest";
import { ERRORS, PrunellaError } from "@prunella/contract";
import { refusalOf } from "../kit/answers.ts";
import { accepted, preflight, refused } from "./answers.ts";

const BUSY = refusalOf(new PrunellaError("PRUNELLA_INGEST_BUSY"));

describe("answers", () => {
  it("answers an event with its id, as SDKs expect it", () => {
    expect(accepted("a".repeat(32))).toMatchObject({ status: 200, body: `{"id":"${"a".repeat(32)}"}` });
    expect(accepted(null).body).toBe("{}");
  });

  it("lets browsers post from anywhere and read what the SDK needs", () => {
    expect(preflight()).toMatchObject({ status: 204, body: "" });
    const asked = preflight().headers["access-control-allow-headers"] ?? "";
    for (const name of ["x-sentry-auth", "content-type", "content-encoding", "sentry-trace", "baggage"])
      expect(asked.split(", ")).toContain(name);
    for (const { headers } of [preflight(), accepted(null), refused(BUSY)]) {
      expect(headers["access-control-allow-origin"]).toBe("*");
      expect(headers["access-control-expose-headers"]).toContain("x-sentry-rate-limits");
    }
  });

  it("says what is wrong in the shape of Sentry and in ours", () => {
    const answer = refused(
      refusalOf(new PrunellaError("PRUNELLA_INGEST_MALFORMED", { detail: "Item 1 has no type.", hint: "Add one." })),
    );
    expect(answer.status).toBe(400);
    expect(answer.headers["x-sentry-error"]).toContain("PRUNELLA_INGEST_MALFORMED");
    expect(JSON.parse(answer.body)).toEqual({
      detail: ERRORS.PRUNELLA_INGEST_MALFORMED.text,
      causes: ["Item 1 has no type."],
      error: {
        code: "PRUNELLA_INGEST_MALFORMED",
        message: `${ERRORS.PRUNELLA_INGEST_MALFORMED.text} Item 1 has no type.`,
        hint: "Add one.",
      },
    });
  });

  it("tells a busy client when to come back, in both headers", () => {
    expect(refused({ ...BUSY, retryAfterS: 0.2 }).headers).toMatchObject({
      "retry-after": "1",
      "x-sentry-rate-limits": "1::project",
    });
    expect(refused({ ...BUSY, retryAfterS: 60 }).headers["x-sentry-rate-limits"]).toBe("60::project");
    const tooLarge = refusalOf(new PrunellaError("PRUNELLA_INGEST_TOO_LARGE"));
    expect(refused(tooLarge).headers["retry-after"]).toBeUndefined();
  });

  it("says nothing about errors it does not know, and asks to come again", () => {
    const answer = refused(refusalOf(new Error("hunter2 at /srv/x")));
    expect(answer.status).toBe(429);
    expect(JSON.stringify(answer)).not.toContain("hunter2");
  });
});
