import { describe, expect, it } from "vitest";
import { scrubJson, scrubText } from "../index.ts";

const clean = (text: string): string => scrubText(text).text.value;

describe("telephones", () => {
  it.each([
    ["415-555-0132", "United States"],
    ["07700 900123", "United Kingdom"],
    ["07700 900 123", "United Kingdom"],
    ["020 7946 0958", "United Kingdom"],
    ["06 12 34 56 78", "France"],
    ["06.12.34.56.78", "France"],
    ["0171 2345678", "Germany"],
    ["(11) 91234-5678", "Brazil"],
    ["090-1234-5678", "Japan"],
    ["010-1234-5678", "Korea"],
    ["138-1234-5678", "China"],
    ["0412 345 678", "Australia"],
    ["8 (912) 345-67-89", "Russia"],
    ["+44 20 7946 0958", "anywhere"],
  ])("%s goes without a word, as it is written at home (%s)", (number) => {
    expect(clean(`customer ${number} was called`)).toBe("customer [REDACTED:PHONE] was called");
    expect(clean(`{"to":"${number}"}`)).toBe('{"to":"[REDACTED:PHONE]"}');
  });

  it.each([
    ["telephone", "02079460958"],
    ["tel", "020 7946 0958"],
    ["Telefonnummer", "030 12345678"],
    ["Handy", "0171/2345678"],
    ["celular", "11912345678"],
    ["m\u00f3vil", "612 345 678"],
    ["cellulare", "333 1234567"],
    ["numéro de téléphone ", "01 23 45 67 89"],
    ["\u624b\u673a", "13812345678"],
    ["\u96fb\u8a71", "03-1234-5678"],
    ["\uc804\ud654", "02-123-4567"],
    ["contact number", "98765 43210"],
    ["sms to", "07700900123"],
    ["caller", "07700900123"],
  ])("%s: %s goes, in text and in structures", (word, number) => {
    expect(clean(`${word}: ${number} refused`)).toBe(`${word}: [REDACTED:PHONE] refused`);
    expect(scrubJson({ [word]: number }).value.value).toEqual({ [word]: "[REDACTED:PHONE]" });
  });

  it.each([
    "01 02 03 04 05",
    "06 00 00 00 00",
    "00000010: 06 12 34 56 78 9a bc",
    "ff 06 12 34 56 78",
    "phone: 2026-11-29 was the day",
    "hotel 123456789",
    "port 415-555-01321, id 1-415-555-0132-7",
    "handy for 12345678 people",
    "sms: 12345678 sent",
    "0412 345 678 901 bytes",
    "0171-2345678, 07700900123",
    "version 020.7946.0958",
  ])("%s stays", (text) => expect(clean(text)).toBe(text));
});
