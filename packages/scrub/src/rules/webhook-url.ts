import { isRandom } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/**
 * Addresses that open by themselves: whoever knows the path of an incoming webhook, a heartbeat or
 * a collector may post to it. Everything from its first random piece on goes.
 */
export const WEBHOOK_URL: Rule = {
  name: "webhook-url",
  type: "WEBHOOK_URL",
  rank: RANK.context,
  keywords: ["hook/", "hooks/", "webhookb2/", "heartbeat/", "/receiver/", "hc-ping.com/", "/inputs/", "/ical/"],
  find(text, start, end, lo, hi) {
    if (!/:\/\/[^\s"'<>]{0,120}$/.test(text.slice(lo, start))) return null;
    const path = /^[^\s"'`<>()[\]{}\\,;]{1,300}/.exec(text.slice(end, hi));
    if (path === null) return null;
    let from = 0;
    for (const piece of path[0].split(/[/?]/)) {
      if (opens(piece)) return { start: end + from, end: end + path[0].length, open: false };
      from += piece.length + 1;
    }
    return null;
  },
  example: () => "posted to https://chat.example.com/hooks/" + "x7k2m9q4w8".repeat(2) + "z5b3n1",
};

/** What is sent by mail to whoever forgot, joins or confirms: the last part of its path is the password for one visit. */
export const MAILED_LINK: Rule = {
  name: "mailed-link",
  type: "SECRET",
  rank: RANK.context,
  keywords: [
    "reset/",
    "reset-password/",
    "reset_password/",
    "/verify/",
    "/verify-email/",
    "/confirm/",
    "/confirmation/",
  ].concat(["/activate/", "/invite/", "/invitation/", "/magic/", "/magic-link/", "/passwordless/"]),
  find(text, start, end, lo, hi) {
    if (text.charCodeAt(start) !== 47 && (start <= lo || !/[/_-]/.test(text[start - 1]!))) return null;
    const piece = /^[\w.~-]{16,300}/.exec(text.slice(end, hi))?.[0];
    if (piece === undefined || UUID.test(piece) || !opens(piece)) return null;
    return { start: end, end: end + piece.length, open: end + piece.length >= hi };
  },
  tail: (code) => code > 32 && !"\"'`<>()[]{},;/?#&".includes(String.fromCharCode(code)),
  example: () => "GET /password/reset/" + "0a1b2c3d4e5f".repeat(3) + " HTTP/1.1",
};

function opens(piece: string): boolean {
  if (piece.length < 16 || /\.(?:[cm]?[jt]sx?|css|map|html?|php|py|rb|sh|json)$/i.test(piece)) return false;
  // A UUID that runs on belongs to something else, or something else runs into it.
  if (UUID.test(piece)) return !/^[0-9A-Za-z]/.test(piece.slice(36));
  return isRandom(piece.split("@")[0]!) || /^private-[0-9a-f]{16,}$/.test(piece);
}
