import { RANK, type Rule, type Span } from "../engine/rule.ts";
import { hasDigitWithin, isAlnum, isDigit, startsWord } from "../text/characters.ts";

/** Words for telephones in letters outside ASCII. */
const FOREIGN_WORDS =
  "tel\u00e9fono|m\u00f3vil|\u96fb\u8a71|\u7535\u8bdd|\u624b\u673a|\u624b\u6a5f|\u643a\u5e2f|\uc804\ud654|\ud734\ub300\ud3f0|\u0442\u0435\u043b\u0435\u0444\u043e\u043d|\u0442\u0435\u043b[.]";

/** Telephones, in words' company or as their countries write them. */
export const PHONES: readonly Rule[] = [
  {
    name: "phone",
    type: "PHONE",
    rank: RANK.personal,
    keywords: ["+0"],
    guard: (text, _start, end) => isDigit(text.charCodeAt(end)) || " -(.".includes(text.charAt(end)),
    find(text, start, _end, lo, hi) {
      if (start > lo && (isAlnum(text.charCodeAt(start - 1)) || ")]+/=".includes(text[start - 1]!))) return null;
      const match = /^\+[1-9]\d{0,2}(?:[ .-]?\(?\d{1,4}\)?){2,5}(?![\d:])/.exec(
        text.slice(start, Math.min(hi, start + 28)),
      );
      if (match === null) return null;
      const digits = match[0].replace(/\D/g, "").length;
      // E.164: at most 15 digits. Offsets such as +0200 and +1.5 are shorter.
      return digits < 9 || digits > 15 ? null : { start, end: start + match[0].length, open: false };
    },
    example: () => "call +49 30 1234" + "5678 now",
  },
  {
    name: "phone-in-brackets",
    type: "PHONE",
    rank: RANK.personal,
    keywords: [") 000-0000"],
    find(text, start, end, lo, hi) {
      // Neither an area nor an exchange of the North American plan begins with 0 or 1.
      const from = start - 4;
      if (from < lo || !/^\([2-9]\d\d\) [2-9]/.test(text.slice(from, start + 3))) return null;
      if ((from > lo && isAlnum(text.charCodeAt(from - 1))) || (end < hi && isAlnum(text.charCodeAt(end)))) return null;
      return { start: from, end, open: false };
    },
    example: () => "call (415) 555" + "-0132 now",
  },
  {
    name: "phone-in-context",
    type: "PHONE",
    rank: RANK.personal,
    keywords:
      "phone telephone mobile tel telefon telefono telefone mobil handy rufnummer celular movil cellulare portable cell fax whatsapp msisdn sms gsm phonenumber contactnumber caller cellphone mobilephone telefonnummer mobilnummer handynummer"
        .split(" ")
        .concat(["contact no", "contact_no", "contact number", "contact_number"]),
    foreign: new RegExp(FOREIGN_WORDS, "gi"),
    context: new RegExp(FOREIGN_WORDS, "i"),
    // `tell`, `cellar`, `mobility`: the word ends here, or is one of several.
    guard: (text, _start, end) => {
      const next = text.charCodeAt(end);
      return (!(next >= 97 && next <= 122) || next === 115) && hasDigitWithin(text, end, 64);
    },
    find(text, start, end, lo, hi) {
      if (!startsWord(text, start, lo) && !/[_A-Z]/.test(text.slice(start - 1, start + 1))) return null;
      const match = BEHIND_WORD.exec(text.slice(end, Math.min(hi, end + 80)));
      if (match === null) return null;
      const number = match[1]!;
      const digits = number.replace(/\D/g, "");
      if (digits.length < 7 || digits.length > 15 || /^(?:19|20)\d\d-\d\d-\d\d/.test(number)) return null;
      // Words that also mean something else ask for a number that can be dialled as it stands.
      if (!/^(?:phone|mobile|tel|telefon|cell|fax|whatsapp|msisdn)/i.test(text.slice(start, end)))
        if (digits.length < 9 && !/^[0+(]/.test(number)) return null;
      const stop = end + match[0].length;
      return { start: stop - number.length, end: stop, open: false };
    },
    example: () => '{"phone": "(555) 010' + '-1234"}',
  },
  ...nationalShapes().map(nationalPhone),
];

/** A label's other words, an operator or none, the name of one of several, and the number. */
const BEHIND_WORD =
  /^(?:s|[ _-]?(?:numbers?|nummer|numero|no|nr|num|to|id|is|\u53f7\u7801|\u53f7|\u756a\u53f7|\ubc88\ud638)\.?)?["']?[ \t]{0,3}(?:[:=\uff1a]|is|at|to)?[ \t]{0,3}(?:\[\s{0,20}|\{\s{0,20}["']?\w{1,20}["']?\s?:\s?)?["']?(\(?\+?\d{1,5}\)?(?:[ ./-]?\(?\d{2,10}\)?){1,6})(?![\w:])/i;

type NationalShape = {
  readonly country: string;
  readonly pattern: string;
  readonly keywords: readonly string[];
  readonly example: () => string;
};

/** How numbers are written at home where little else looks so. All others need a word in front. */
function nationalShapes(): readonly NationalShape[] {
  return [
    {
      country: "us",
      pattern: "[2-9]\\d\\d-[2-9]\\d\\d-\\d{4}",
      keywords: ["000-000-0000"],
      example: () => "call 415-555" + "-0132 now",
    },
    {
      country: "uk",
      pattern: "07[1-9]\\d\\d \\d{6}|07[1-9]\\d\\d \\d{3} \\d{3}|020 [378]\\d{3} \\d{4}",
      keywords: ["00000 000000", "00000 000 000", "000 0000 0000"],
      example: () => "call 07700 " + "900123 now",
    },
    {
      country: "france",
      pattern: "0[1-79](?: \\d\\d){4}|0[1-79](?:[.]\\d\\d){4}",
      keywords: ["00 00 00 00 00", "00.00.00.00.00"],
      example: () => "appeler 06 12 " + "34 56 78",
    },
    {
      country: "germany",
      pattern: "01[567]\\d[ /]\\d{7,8}",
      keywords: ["0000 0000000", "0000/0000000"],
      example: () => "Anruf 0171 " + "2345678",
    },
    {
      country: "brazil",
      pattern: "[(][1-9]\\d[)] ?9\\d{4}-\\d{4}",
      keywords: ["(00) 00000-0000", "(00)00000-0000"],
      example: () => "ligar (11) 91234" + "-5678",
    },
    {
      country: "east-asia",
      pattern: "0[789]0-\\d{4}-\\d{4}|01[016-9]-\\d{4}-\\d{4}|1[3-9]\\d-\\d{4}-\\d{4}",
      keywords: ["000-0000-0000"],
      example: () => "ring 090-1234" + "-5678",
    },
    {
      country: "australia",
      pattern: "04\\d\\d \\d{3} \\d{3}",
      keywords: ["0000 000 000"],
      example: () => "call 0412 345" + " 678",
    },
    {
      country: "russia",
      pattern: "[78] ?[(]\\d{3}[)] ?\\d{3}-\\d\\d-\\d\\d",
      keywords: ["(000) 000-00-00", "(000)000-00-00"],
      example: () => "8 (912) 345" + "-67-89",
    },
  ];
}

function nationalPhone({ country, pattern: shape, keywords, example }: NationalShape): Rule {
  const pattern = new RegExp(
    `(?<![\\w.+/#-]|[0-9A-Fa-f]{2} )(?:${shape})(?![\\w-]|[.,/ ]\\d|[ ][0-9A-Fa-f]{2}(?:\\W|$))`,
    "g",
  );
  return {
    name: `phone-${country}`,
    type: "PHONE",
    rank: RANK.personal,
    keywords,
    example,
    find(text, start, end, lo, hi): Span | null {
      const from = Math.max(lo, start - 6);
      pattern.lastIndex = 0;
      const match = pattern.exec(text.slice(from, Math.min(hi, end + 6)));
      if (match === null) return null;
      const at = from + match.index;
      if (at > start || at + match[0].length < end || isCounted(match[0])) return null;
      return { start: at, end: at + match[0].length, open: false };
    },
  };
}

/** Bytes of a dump: `01 00 00 00 00`, `01 02 03 04 05`. */
function isCounted(number: string): boolean {
  const pairs = number.split(/\D+/);
  return (
    pairs.length > 4 &&
    (new Set(pairs).size < 4 || pairs.every((pair, i) => i === 0 || Number(pair) === Number(pairs[i - 1]) + 1))
  );
}
