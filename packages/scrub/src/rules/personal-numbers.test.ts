import { describe, expect, it } from "vitest";
import { scrubText } from "../index.ts";

const clean = (text: string): string => scrubText(text).text.value;

describe("personal numbers and names", () => {
  it.each([
    ["link/ether 52:54:00" + ":1a:2b:3c brd", "link/ether [REDACTED:MAC] brd"],
    ["dev 52-54-00" + "-1A-2B-3C up", "dev [REDACTED:MAC] up"],
    ["card 41111111" + "11111111 ok", "card [REDACTED:CARD] ok"],
    ["4111-1111" + "-1111-1111", "[REDACTED:CARD]"],
    ["amex 3782 8224" + "6310 005", "amex 3782 82246310 005"],
    ["3782 822463" + " 10005", "[REDACTED:CARD]"],
    ["pay?cvv=417&x=1", "pay?cvv=[REDACTED:CARD]&x=1"],
    ['{"securityCode": "0417"}', '{"securityCode": "[REDACTED:CARD]"}'],
    ["IBAN DE8937040044" + "0532013000.", "IBAN [REDACTED:IBAN]."],
    ["GB82 WEST 1234" + " 5698 7654 32", "[REDACTED:IBAN]"],
    ["SSN 219-09" + "-9999", "SSN [REDACTED:SSN]"],
    ["+49 30 1234" + "5678", "[REDACTED:PHONE]"],
    ["tel: (555) 010" + "-1234", "tel: [REDACTED:PHONE]"],
    ["LOGNAME=jdoe USER=root", "LOGNAME=[REDACTED:USER] USER=root"],
    ["jane" + "@web-1:~/app$ make", "[REDACTED:USER]@web-1:~/app$ make"],
    ["ssh -p 22 jane" + "@web-1", "ssh -p 22 [REDACTED:USER]@web-1"],
  ])("%j", (text, expected) => {
    expect(clean(text)).toBe(expected);
    expect(clean(clean(text))).toBe(expected);
  });

  it.each([
    "card 4111111111111112",
    "order 4539578763621486",
    "DE12 3704 0044 0532 0130 00",
    "ssn 000-12-3456, ssn 666-12-3456, ssn 219-00-9999",
    "12:34:56:78:90 and 08:00:01",
    "root@web-1:~# ls",
    "user=jane&page=2",
    "cvc: 41 of 77, cvv 417, cvv: 417.5",
    "phone calls: 12, cell 4 of 9",
    "id 219-09-9999",
  ])("%j stays", (text) => {
    expect(clean(text)).toBe(text);
  });
});
