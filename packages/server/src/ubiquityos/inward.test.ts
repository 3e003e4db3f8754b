import { expect, test } from "vitest";
import { isInward } from "./inward.ts";

test.each([
  "http://worker.example.com",
  "https://127.0.0.1/x",
  "https://0x7f.1/x",
  "https://2130706433/",
  "https://[::1]/",
  "https://10.0.0.7/",
  "https://localhost/",
  "https://db.localhost/",
  "https://metadata.google.internal/",
  "https://printer.local./",
  "https://intranet/",
])("%s may lead inward", (address) => {
  expect(isInward(address)).toBe(true);
});

test.each(["https://worker.example.com", "https://worker.example.com:8443/a?b", "https://1.example.com"])(
  "%s does not",
  (address) => {
    expect(isInward(address)).toBe(false);
  },
);
