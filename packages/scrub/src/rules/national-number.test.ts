import { describe, expect, it } from "vitest";
import { scrubJson, scrubText } from "../index.ts";
import { NATIONAL_NUMBERS } from "./national-number-table.ts";

const clean = (text: string): string => scrubText(text).text.value;

/** Country, a word in front, and numbers that its arithmetic lets pass: examples of its own offices and of standards. */
const KNOWN: readonly (readonly [string, string, ...string[]])[] = [
  ["United Kingdom, National Insurance", "NINO", "AB123456C", "ab 12 34 56 c"],
  ["United Kingdom, NHS", "NHS number", "943 476 5919", "9434765919"],
  ["Canada", "SIN", "046 454 286", "046-454-286"],
  ["Germany", "Steuer-ID", "36574261809", "36 574 261 809"],
  ["France", "NIR", "2 55 08 14 168 025 38", "255081416802538"],
  ["Spain", "DNI", "12345678Z", "12.345.678-Z", "X1234567L"],
  ["Italy", "codice fiscale", "RSSMRA85T10A562S", "rssmra85t10a562s"],
  ["Netherlands", "BSN", "111222333", "1112.22.333"],
  ["Poland", "PESEL", "44051401359"],
  ["Sweden", "personnummer", "811228-9874", "198112289874"],
  ["Finland", "hetu", "131052-308T"],
  ["Norway", "f\u00f8dselsnummer", "15108695088"],
  ["Denmark", "CPR", "211062-5629"],
  ["Belgium", "rijksregister", "85.07.30-033.28", "85073003328"],
  ["Switzerland", "AHV", "756.9217.0769.85", "7569217076985"],
  ["Brazil, persons", "CPF", "529.982.247-25", "52998224725"],
  ["Brazil, companies", "CNPJ", "11.222.333/0001-81", "11222333000181", "12.ABC.345/01DE-35"],
  ["Mexico", "CURP", "HEGG560427MVZRRL04"],
  ["Argentina", "CUIL", "20-05536168-2"],
  ["Chile", "RUT", "12.531.909-2", "12531909-2"],
  ["India, Aadhaar", "Aadhaar", "2341 2341 2346", "234123412346"],
  ["India, PAN", "PAN", "AAPFU0939F"],
  ["China", "id card", "11010519491231002X"],
  ["Japan", "My Number", "123456789018", "1234 5678 9018"],
  ["Korea", "resident registration number", "971013-2019902"],
  ["Australia, tax file number", "TFN", "123 456 782"],
  ["Australia, Medicare", "Medicare", "2428 77813 2"],
  ["South Africa", "ID number", "8001015009087"],
  ["Russia, taxes", "INN", "500100732259"],
  ["Russia, pensions", "SNILS", "112-233-445 95", "11223344595"],
  ["Turkey", "TCKN", "10000000146"],
  ["Singapore", "NRIC", "S1234567D"],
  ["Germany, pensions", "RVNR", "65170839J003", "65 170839 J 003"],
  ["Austria", "SVNR", "1237 010180", "1237010180"],
  ["Portugal", "NIF", "123456789", "123 456 789"],
  ["Romania", "CNP", "1630615123457"],
  ["Czechia and Slovakia", "rodne cislo", "736028/5163", "7360285163"],
  ["Ukraine", "RNOKPP", "3184710691"],
  ["Mexico, taxes", "RFC", "GODE561231GR8"],
  ["Argentina and Peru", "DNI", "30.123.456", "30123456"],
  ["Colombia, Ecuador and Venezuela", "cedula", "1.020.345.678", "V-12345679"],
  ["Indonesia", "NIK", "3171234509870004", "3171234509870004"],
  ["Pakistan", "CNIC", "35202-7482615-9", "3520274826159"],
  ["Bangladesh", "NID", "19901234567890123"],
  ["Nigeria", "NIN", "12345678901"],
  ["Egypt", "national id", "29001011234567"],
  ["Saudi Arabia", "iqama", "1000000008"],
  ["United Arab Emirates", "Emirates ID", "784-1984-1234567-4"],
  ["Iran", "code meli", "0012345679"],
  ["Israel", "teudat zehut", "123456782", "12345678-2"],
  ["Thailand", "thai id", "1-2345-67890-12-1", "1234567890121"],
  ["Viet Nam", "CCCD", "001099012345"],
  ["Malaysia", "MyKad", "900101-14-1234", "900101141234"],
  ["Philippines", "PhilSys", "1234-5678-9012-3456"],
  ["Taiwan", "national id", "A123456789"],
  ["Hong Kong", "HKID", "A123456(3)", "A1234563"],
];

describe("numbers by which states know persons", () => {
  it("are each shown by an example", () => {
    expect(KNOWN.map(([country]) => country)).toEqual(NATIONAL_NUMBERS.map(({ country }) => country));
  });

  it.each(KNOWN.flatMap(([country, word, ...numbers]) => numbers.map((number) => [country, word, number] as const)))(
    "%s: %s %s goes behind its word, in text and in structures",
    (_country, word, number) => {
      expect(clean(`${word}: ${number} refused`)).toBe(`${word}: [REDACTED:NATIONAL_ID] refused`);
      expect(clean(`{"${word}":"${number}","page":2}`)).toBe(`{"${word}":"[REDACTED:NATIONAL_ID]","page":2}`);
      expect(scrubJson({ extra: { [word]: number } }).value.value).toEqual({
        extra: { [word]: "[REDACTED:NATIONAL_ID]" },
      });
    },
  );

  it("go as numbers of JSON and behind words of other alphabets", () => {
    expect(scrubJson({ user: { bsn: 111222333, page: 7 } }).value.value).toEqual({
      user: { bsn: "[REDACTED:NATIONAL_ID]", page: 7 },
    });
    for (const text of [
      "\u8eab\u4efd\u8bc1\u53f7: 11010519491231002X",
      "\u30de\u30a4\u30ca\u30f3\u30d0\u30fc\uff1a123456789018",
      "\uc8fc\ubbfc\ub4f1\ub85d\ubc88\ud638 971013-2019902",
      "\u0418\u041d\u041d 500100732259",
    ])
      expect(clean(text)).toContain("[REDACTED:NATIONAL_ID]");
  });

  it.each([
    "2 55 08 14 168 025 38",
    "RSSMRA85T10A562S",
    "131052-308T",
    "85.07.30-033.28",
    "756.9217.0769.85",
    "529.982.247-25",
    "11.222.333/0001-81",
    "HEGG560427MVZRRL04",
    "11010519491231002X",
    "112-233-445 95",
    "AB 12 34 56 C",
    "971013-2019902",
    "35202-7482615-9",
    "784-1984-1234567-4",
    "1-2345-67890-12-1",
    "A123456(3)",
  ])("%s goes without a word, as it is written there", (number) => {
    expect(clean(`customer ${number} was refused`)).toBe("customer [REDACTED:NATIONAL_ID] was refused");
    expect(clean(`['${number}']`)).toBe("['[REDACTED:NATIONAL_ID]']");
  });

  it("stay with one digit that is another, where the arithmetic tells", () => {
    const told = KNOWN.filter(
      ([country]) =>
        !/National Insurance|Denmark|PAN|Korea|Medicare|Mexico, taxes|Peru|Colombia|Indonesia|Pakistan|Bangladesh|Nigeria|Egypt|Viet|Malaysia|Philippines/.test(
          country,
        ),
    );
    for (const [country, word, number = ""] of told) {
      const at = number.search(/\d(?=\D*$)/);
      const other = number.slice(0, at) + ((Number(number[at]) + 1) % 10) + number.slice(at + 1);
      const text = `${word.replace("ID number", "sa id")}: ${other} refused`;
      expect([country, clean(text)]).toEqual([country, text]);
    }
  });

  it.each([
    "Math.sin(0.46454286) and cos 046454286",
    "using 046454286 bytes",
    "unified: 111222333",
    "pan: 4 of 12, pid 123456782",
    "id number 123456782",
    "xxd 00000010: 2341 2341 2346 0a0b",
    "12 34 56 78 9a AB 12 34 56 C0",
    "0 00 00 00 000 000 00",
    "took 1764400001111 ms, order 20261129101500, 202611290000001234",
    "build 20261129-1015, run 202611-290, tag 211062-5629",
    "lib 85.07.30-033, v756.9217.0769",
    "commit 00a00a000b00c00d0012e00f00 done",
    "10.20.30-040.50 of 60",
    "RFC 2616, RUT955 router, cpr 4.2",
    "ABCDEF12H34K567L".toLowerCase(),
    "RFC 7231, RFC7231 section 4, rfc=2616-2068",
    "nid 4711123, nik 3, cedula 12, DNI: none, nin(12345678901)",
    "A123456(4) and call f123456(3)",
    "2-2345-67890-12-1, 35202-7482615-9a, 1784-1984-1234567-4",
    "trace 0af7651916cd43dd8448eb211c80319c",
    "100000ms 250000h 300000mb",
  ])("%s stays", (text) => expect(clean(text)).toBe(text));
});
