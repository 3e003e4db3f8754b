import { gzipSync } from "node:zlib";
import { freshId } from "./loader.ts";

/** Texts that have cost a scrubber most, each a few bytes again and again. */
const UNITS = [
  "curl -u ",
  "1,2,3,4\n",
  "a,b,password\n1,2,x\n",
  "a@",
  "::",
  "eyJhbGciOi.",
  Buffer.from("hello world, this reads as text ").toString("base64"),
  "password=",
  "-----BEGIN PRIVATE KEY-----\n",
  "%67",
  "a\0",
  "\u200b",
  "0000 0000 ",
  "&{aB3!aB3!x ",
  "seed phrase: ",
  "Caused by: a\n\tat a.b.c(d.java:1)\n",
];

/** As many as an event may have, of the length that is kept of each. */
const BREADCRUMBS = 100;
const TEXT = 8_192;

/** Envelopes of a few kilobytes on the wire and nearly a megabyte unpacked, each as dear as one can be made. */
export function hostileEnvelopes(): Buffer[] {
  return UNITS.map((unit) => {
    const text = unit.repeat(Math.ceil(TEXT / unit.length)).slice(0, TEXT);
    const event = {
      event_id: freshId(),
      level: "fatal",
      message: text,
      breadcrumbs: Array.from({ length: BREADCRUMBS }, (_, at) => ({ message: `${at} ${text}` })),
    };
    return gzipSync(`{}\n{"type":"event"}\n${JSON.stringify(event)}\n`);
  });
}
