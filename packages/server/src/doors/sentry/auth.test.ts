import { describe, expect, it } from "vitest";
import { readAuth } from "./auth.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const none = { key: null, projectNumber: null, client: null };

describe("readAuth", () => {
  it("reads the query that JavaScript SDKs send", () => {
    const url = `/api/42/envelope/?sentry_version=7&sentry_key=${KEY}&sentry_client=sentry.javascript.node%2F11.12.0`;
    expect(readAuth({ url, headers: {} })).toEqual({
      key: KEY,
      projectNumber: "42",
      client: "sentry.javascript.node/11.12.0",
    });
  });

  it("reads X-Sentry-Auth as Python and raven send it", () => {
    const auth = `Sentry sentry_version=7, sentry_timestamp=1.5, sentry_client=raven-python/6.1, sentry_key=${KEY}, sentry_secret=x`;
    expect(readAuth({ url: "/api/7/store/", headers: { "x-sentry-auth": auth } })).toEqual({
      key: KEY,
      projectNumber: "7",
      client: "raven-python/6.1",
    });
  });

  it("reads Authorization: Sentry, without spaces, in another case and quoted", () => {
    const authorization = `sentry sentry_key="${KEY.toUpperCase()}",sentry_client=x`;
    expect(readAuth({ url: "/api/7/store/", headers: { authorization } }).key).toBe(KEY);
  });

  it("passes over Basic and other foreign headers", () => {
    for (const authorization of ["Basic dTpw", "Bearer a.b.c", "", "Sentry", "====,,,=", "x".repeat(100_000)]) {
      expect(readAuth({ url: "/api/7/store/", headers: { authorization } })).toEqual({ ...none, projectNumber: "7" });
    }
  });

  it("takes key and project of a tunnel from the DSN in the envelope header", () => {
    const dsn = `https://${KEY}:secret@o1.example.com/prefix/99`;
    const envelopeHeader = { dsn, sdk: { name: "sentry.javascript.browser", version: "11.0.0" } };
    expect(readAuth({ url: "/tunnel", headers: {}, envelopeHeader })).toEqual({
      key: KEY,
      projectNumber: "99",
      client: "sentry.javascript.browser/11.0.0",
    });
  });

  it("lets the path decide over the DSN's project", () => {
    const envelopeHeader = { dsn: `https://${KEY}@h/99` };
    expect(readAuth({ url: "/api/1/envelope/", headers: {}, envelopeHeader })).toMatchObject({
      key: KEY,
      projectNumber: "1",
    });
  });

  it.each(["", "g".repeat(32), "a".repeat(31), "a".repeat(33), "' or 1=1 --"])("refuses %j as a key", (key) => {
    const url = `/api/1/envelope/?sentry_key=${encodeURIComponent(key)}`;
    expect(readAuth({ url, headers: { "x-sentry-auth": `Sentry sentry_key=${key}` } }).key).toBeNull();
  });

  it("takes no project that is not a number", () => {
    for (const url of [
      "/api/x/envelope/",
      "/api/-1/envelope/",
      "/api/1e3/envelope/",
      `/api/${"9".repeat(17)}/envelope/`,
    ]) {
      expect(readAuth({ url, headers: {} }).projectNumber).toBeNull();
    }
  });

  it("keeps control characters and length out of the client's name", () => {
    const client = readAuth({
      url: `/api/1/store/?sentry_key=${KEY}&sentry_client=a%0d%0ab%00${"x".repeat(500)}`,
      headers: {},
    }).client;
    expect(client).toMatch(/^[\x20-\x7e]{1,100}$/);
  });

  it.each([null, 1, "x", [], { dsn: 1 }, { dsn: "no url" }, { dsn: "https://h" }])(
    "takes nothing from the envelope header %j",
    (envelopeHeader) => {
      expect(readAuth({ url: "/tunnel", headers: {}, envelopeHeader })).toEqual(none);
    },
  );
});
