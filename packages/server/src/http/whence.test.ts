import { expect, it } from "vitest";
import { browserOf } from "./whence.ts";

const mozilla = (rest: string) => `Mozilla/5.0 (${rest}`;
it.each([
  [mozilla("X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"), "Firefox on Linux"],
  [
    mozilla("Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"),
    "Chrome on Windows",
  ],
  [
    mozilla("X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36"),
    "Chrome on Linux",
  ],
  [
    mozilla("Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0"),
    "Edge on Windows",
  ],
  [
    mozilla(
      "iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    ),
    "Safari on iOS",
  ],
  [
    mozilla("Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"),
    "Safari on macOS",
  ],
  [
    mozilla("Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"),
    "Chrome on Android",
  ],
  ["curl/8.0", "a browser"],
  ["<script>alert(1)</script>", "a browser"],
])("says %s in two words of ours: %s", (agent, words) => {
  expect(browserOf(agent)).toBe(words);
});
