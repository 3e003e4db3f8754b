import { Message } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { mailOf } from "./email.ts";
import { html, inert, slackText, textOf } from "./inert.ts";
import { slackMessage } from "./slack.ts";

const HOSTILE = [
  "<!channel> <!here> <@U012345> <https://evil.example|click>",
  "@here @channel @everyone",
  "[Approve](https://evil.example) ![pixel](https://evil.example/p.png)",
  "https://evil.example/login www.evil.example mailto:a@evil.example javascript:alert(1)",
  "first\r\nBcc: victim@evil.example\r\n\r\nbody",
  "abc\u202edcba\u202c \u2066hidden\u2069 \u200b\u200c\u200d\ufeff\u00ad",
  "<img src=x onerror=alert(1)><script>alert(1)</script>\"'&",
  "line\u2028separator\u2029paragraph\u0085next\u0000nul\u001b[31mred",
].join(" | ");

const message = Message.parse({
  v: 1,
  id: "fault_new.0190",
  kind: "fault_new",
  project: "default",
  level: "error",
  fault: null,
  thread: "fault.0190",
  revision: 1,
  state: "open",
  title: HOSTILE.slice(0, 900),
  sections: [{ title: "What failed", lines: [HOSTILE] }],
  question: null,
  links: [{ title: "Open the fault", url: "https://prunella.example/faults/0190" }],
});

const HIDDEN = /\p{Bidi_Control}|\u{200c}|\u{200d}|\u{2060}|\u{feff}|\u{ad}|\u{2028}|\u{2029}|\u{85}|\u{1b}/u;

describe("text of an attacker", () => {
  it("shows what it says: nothing reorders, hides or ends it", () => {
    expect(inert(HOSTILE)).not.toMatch(HIDDEN);
    expect(inert(HOSTILE)).not.toMatch(/\p{Cc}/u);
    for (const text of [textOf(message), slackMessage(message)]) expect(text).not.toMatch(HIDDEN);
  });

  it("is no markup, mention, link or picture in a chat", () => {
    const text = slackMessage(message);
    // The one link is ours.
    expect(text.match(/<[^>]*>/g)).toEqual(["<https://prunella.example/faults/0190|Open the fault>"]);
    expect(text).not.toMatch(/@(?:here|channel|everyone)/);
    expect(text).not.toContain("](");
    expect(text.replaceAll("https://prunella.example", "")).not.toContain("://");
    expect(text).not.toMatch(/www\.evil|mailto:a|javascript:alert/);
    expect(slackText("a < b & c > d")).toBe("a &lt; b &amp; c &gt; d");
  });

  it("begins no line of its own", () => {
    expect(
      slackMessage(message)
        .split("\n")
        .filter((line) => line.startsWith("• ")),
    ).toHaveLength(1);
    expect(textOf(message).split("\n")).toHaveLength(6);
  });

  it("is no header and no element of a mail", () => {
    const mail = mailOf({ from: "prunella@example.org", to: ["on-call@example.org"] }, message);
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.html.match(/<(?!\/?(?:html|body|h1|h2|ul|li|p|a)\b|!doctype)/g)).toBeNull();
    expect(mail.html.match(/<a /g)).toHaveLength(1);
    expect(mail.html).not.toMatch(/onerror=alert\(1\)>/);
    expect(html(`<a href="x">'`)).toBe("&lt;a href=&quot;x&quot;&gt;&#39;");
  });

  it("belongs to one thread by an id that no text gets into", () => {
    const mail = mailOf({ from: "prunella@example.org", to: ["on-call@example.org"] }, message);
    expect(mail).toMatchObject({
      messageId: "<fault-new.0190@example.org>",
      inReplyTo: "<thread.fault.0190@example.org>",
      references: ["<thread.fault.0190@example.org>"],
    });
  });

  it("puts what is said of a fault into one thread, its questions too", () => {
    const fault = "0197b0de-0000-7000-8000-00000000a55a";
    const threads = ["escalation.0191", `fault.${fault}`, null].map(
      (thread) => mailOf({ from: "prunella@example.org", to: [] }, { ...message, fault, thread }).inReplyTo,
    );
    expect(threads).toEqual(Array(3).fill(`<thread.fault.${fault}@example.org>`));
  });

  it("is cut where a chat takes no more, and the link stays", () => {
    const long = {
      ...message,
      sections: [{ title: "What failed", lines: Array.from({ length: 50 }, () => "x".repeat(200)) }],
    };
    const text = slackMessage(long);
    expect(text.length).toBeLessThan(2_000);
    expect(text).toContain("<https://prunella.example/faults/0190|Open the fault>");
  });
});
