import { isDay, passesLuhn, weighted } from "./check-digits.ts";
import { ANY, at, digits, isOneDigit, type NationalNumber } from "./national-number-kind.ts";

const TAIWANESE = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
const GERMAN_WEIGHTS = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];

/** More countries; the order says nothing. Where a state publishes no arithmetic, its word and what must be a day, a place or a year decide. */
export const MORE_NATIONAL_NUMBERS: readonly NationalNumber[] = [
  {
    country: "Germany, pensions",
    words:
      "rvnr|sv-nummer|svnummer|sozialversicherungsnummer|rentenversicherungsnummer|versicherungsnummer|social security",
    shape: "\\d{2}[ ]?\\d{6}[ ]?[A-Za-z][ ]?\\d{3}",
    isValid: isGermanPension,
  },
  {
    country: "Austria",
    words: "svnr|sv-nr|sozialversicherungsnummer|versicherungsnummer",
    shape: "[1-9]\\d{3}[ -]?\\d{6}",
    isValid: (value) => weighted(value, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === at(value, 3),
  },
  {
    country: "Portugal",
    words: `nif|contribuinte|numero fiscal|numero_fiscal|${ANY}`,
    shape: "[1235689](?:[ .-]?\\d){8}",
    isValid: (value) => {
      const check = 11 - (weighted(value, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
      return (check > 9 ? 0 : check) === at(value, 8) && !isOneDigit(value);
    },
  },
  {
    country: "Romania",
    words: "cnp|cod numeric personal",
    shape: "[1-9]\\d{12}",
    isValid: (value) => {
      const rest = weighted(value, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
      return (rest === 10 ? 1 : rest) === at(value, 12) && isDay(value.slice(1), "ymd");
    },
  },
  {
    country: "Czechia and Slovakia",
    words: "rodn\u00e9 \u010d\u00edslo|rodne cislo|rodnecislo|rodne_cislo",
    shape: "\\d{6}[/ ]?\\d{4}",
    isValid: (value) =>
      Number(value) % 11 === 0 && isDay(`${value.slice(0, 2)}${month(value)}${value.slice(4)}`, "ymd"),
  },
  {
    country: "Ukraine",
    words:
      "rnokpp|\u0440\u043d\u043e\u043a\u043f\u043f|\u0456\u043f\u043d|\u0456\u0434\u0435\u043d\u0442\u0438\u0444\u0456\u043a\u0430\u0446\u0456\u0439\u043d\u0438\u0439",
    shape: "\\d{10}",
    isValid: (value) =>
      (((weighted(value, [-1, 5, 7, 9, 4, 6, 10, 5, 7]) % 11) + 11) % 11) % 10 === at(value, 9) && !isOneDigit(value),
  },
  {
    country: "Mexico, taxes",
    words: "rfc",
    shape: "[A-Z][AEIOUX][A-Z]{2}\\d{6}[A-Z0-9]{3}",
    isValid: (value) => isDay(value.slice(4, 10), "ymd"),
  },
  {
    country: "Argentina and Peru",
    words: "dni|documento nacional",
    shape: "[1-9]\\d?\\.?\\d{3}\\.?\\d{3}",
    isValid: (value) => value.length >= 7 && !isOneDigit(value),
  },
  {
    country: "Colombia, Ecuador and Venezuela",
    words: "c\u00e9dula|cedula",
    shape: "(?:[VEve][ -]?)?\\d(?:[.-]?\\d){5,10}",
    isValid: (value) => !isOneDigit(value),
  },
  {
    country: "Indonesia",
    words: "nik|ktp|nomor induk|nomor_induk",
    shape: "[1-9]\\d{15}",
    // 40 is added to the day of a woman.
    isValid: (value) =>
      isDay(String(Number(value.slice(6, 8)) % 40).padStart(2, "0") + value.slice(8, 12), "dmy") &&
      Number(value.slice(0, 2)) > 10,
  },
  {
    country: "Pakistan",
    words: "cnic|nadra|nicop",
    shape: "[1-9]\\d{4}-?\\d{7}-?\\d",
    isValid: (value) => !isOneDigit(value),
    bare: {
      shape: "[1-9]\\d{4}-\\d{7}-\\d",
      keywords: ["00000-0000000-0"],
      example: () => "35202-7482" + "615-9",
    },
  },
  {
    country: "Bangladesh",
    words: "nid|\u099c\u09be\u09a4\u09c0\u09af\u09bc \u09aa\u09b0\u09bf\u099a\u09af\u09bc",
    // Cards from before 2016, with the year of birth in front.
    shape: "(?:19|20)\\d{15}",
    isValid: (value) => !isOneDigit(value),
  },
  {
    country: "Nigeria",
    words: "nin|bvn|national identification|national_identification",
    shape: digits(11),
    isValid: (value) => !isOneDigit(value),
  },
  {
    country: "Egypt",
    words: `\u0627\u0644\u0631\u0642\u0645 \u0627\u0644\u0642\u0648\u0645\u064a|raqam qawmi|${ANY}`,
    shape: "[23]\\d{13}",
    isValid: (value) => isDay(value.slice(1), "ymd") && /^.{7}(?:0[1-4]|[12]\d|3[1-5]|88)/.test(value),
  },
  {
    country: "Saudi Arabia",
    words: `iqama|\u0627\u0644\u0647\u0648\u064a\u0629|${ANY}`,
    shape: "[12]\\d{9}",
    isValid: passesLuhn,
  },
  {
    country: "United Arab Emirates",
    words: "emirates id|emirates_id|emiratesid",
    shape: "784-?(?:19|20)\\d\\d-?\\d{7}-?\\d",
    isValid: passesLuhn,
    bare: {
      shape: "784-(?:19|20)\\d\\d-\\d{7}-\\d",
      keywords: ["000-0000-0000000-0"],
      example: () => "784-1984-" + "1234567-4",
    },
  },
  {
    country: "Iran",
    words:
      "melli|kode meli|code meli|codemeli|\u06a9\u062f \u0645\u0644\u06cc|\u06a9\u062f\u0645\u0644\u06cc|\u0634\u0645\u0627\u0631\u0647 \u0645\u0644\u06cc",
    shape: digits(10),
    isValid: (value) => {
      const rest = weighted(value, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
      return (rest < 2 ? rest : 11 - rest) === at(value, 9) && !isOneDigit(value);
    },
  },
  {
    country: "Israel",
    words: `teudat zehut|teudatzehut|teudat_zehut|\u05ea\u05e2\u05d5\u05d3\u05ea \u05d6\u05d4\u05d5\u05ea|\u05de\u05e1\u05e4\u05e8 \u05d6\u05d4\u05d5\u05ea|${ANY}`,
    shape: "\\d{8}-?\\d",
    isValid: (value) => passesLuhn(value) && !isOneDigit(value),
  },
  {
    country: "Thailand",
    words: `\u0e1a\u0e31\u0e15\u0e23\u0e1b\u0e23\u0e30\u0e0a\u0e32\u0e0a\u0e19|thai id|thai_id|${ANY}`,
    shape: "[1-8](?:[ -]?\\d){12}",
    isValid: isThai,
    bare: {
      shape: "[1-8]-\\d{4}-\\d{5}-\\d\\d-\\d",
      keywords: ["0-0000-00000-00-0"],
      example: () => "1-2345-67890" + "-12-1",
    },
  },
  {
    country: "Viet Nam",
    words: "cccd|can cuoc|c\u0103n c\u01b0\u1edbc",
    shape: "0\\d{11}",
    isValid: (value) => Number(value.slice(0, 3)) >= 1 && Number(value.slice(0, 3)) <= 96,
  },
  {
    country: "Malaysia",
    words: "mykad|nric|kad pengenalan|no kp|no_kp",
    shape: "\\d{6}-?\\d{2}-?\\d{4}",
    isValid: (value) => isDay(value, "ymd") && !/^.{6}(?:00|1[7-9]|20)/.test(value),
  },
  {
    country: "Philippines",
    words: "philsys|philid|phil id",
    shape: "\\d{4}(?:[ -]?\\d{4}){3}",
    isValid: (value) => !isOneDigit(value),
  },
  {
    country: "Taiwan",
    words: `\u8eab\u5206\u8b49|\u8eab\u4efd\u8b49|\u7d71\u4e00\u7de8\u865f|\u7d71\u4e00\u8b49\u865f|${ANY}`,
    shape: "[A-Za-z][1289]\\d{8}",
    isValid: (value) => {
      const first = TAIWANESE.indexOf(value[0]!) + 10;
      return (
        (Math.floor(first / 10) + weighted((first % 10) + value.slice(1), [9, 8, 7, 6, 5, 4, 3, 2, 1, 1])) % 10 === 0
      );
    },
  },
  {
    country: "Hong Kong",
    words: "hkid|hong kong id|\u8eab\u4efd\u8b49",
    shape: "[A-Za-z]{1,2}\\d{6}(?:\\([0-9Aa]\\)|[0-9Aa])",
    isValid: isHongKong,
    bare: {
      shape: "[A-Z]{1,2}\\d{6}\\([0-9A]\\)",
      keywords: ["000000(0)", "000000(a)"],
      example: () => "A123456" + "(3)",
    },
  },
];

/** 50 is added to the month of a woman, 20 when a day has run out of numbers. */
function month(value: string): string {
  return String((Number(value.slice(2, 4)) % 50) % 20).padStart(2, "0");
}

/** Place, day of birth, a letter that counts as its place in the alphabet, number; the digits of every product together say the last. */
function isGermanPension(value: string): boolean {
  const letter = String(value.charCodeAt(8) - 64).padStart(2, "0");
  const plain = value.slice(0, 8) + letter + value.slice(9, 11);
  let sum = 0;
  for (let i = 0; i < GERMAN_WEIGHTS.length; i++) {
    const product = at(plain, i) * GERMAN_WEIGHTS[i]!;
    sum += Math.floor(product / 10) + (product % 10);
  }
  return sum % 10 === at(value, 11);
}

function isThai(value: string): boolean {
  return (11 - (weighted(value, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === at(value, 12);
}

/** One letter stands behind a blank, which counts 36. */
function isHongKong(value: string): boolean {
  const letters =
    value.length === 8 ? [36, value.charCodeAt(0) - 55] : [value.charCodeAt(0) - 55, value.charCodeAt(1) - 55];
  const rest = value.slice(-7, -1);
  const check = value.at(-1) === "A" ? 10 : Number(value.at(-1));
  return (letters[0]! * 9 + letters[1]! * 8 + weighted(rest, [7, 6, 5, 4, 3, 2]) + check) % 11 === 0;
}
