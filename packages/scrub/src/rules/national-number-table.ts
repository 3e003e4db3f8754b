import { isDay, passesLuhn, passesMod1110, passesVerhoeff, weighted } from "./check-digits.ts";
import { ANY, at, digits, isOneDigit, type NationalNumber } from "./national-number-kind.ts";
import { MORE_NATIONAL_NUMBERS } from "./national-number-more.ts";

const SPANISH = "TRWAGMYFPDXBNJZSQVHLCKE";
const FINNISH = "0123456789ABCDEFHJKLMNPRSTUVWXY";
const CHINESE = "10X98765432";
/** Letters of Italy's code at odd places; digits count like the first ten. */
const ITALIAN_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
const MEXICAN_SHAPE = "[A-Z][AEIOUX][A-Z]{2}\\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z]\\d";
const MEXICAN = "0123456789ABCDEFGHIJKLMN_OPQRSTUVWXYZ";

export const NATIONAL_NUMBERS: readonly NationalNumber[] = [
  {
    country: "United Kingdom, National Insurance",
    words: "nino|national insurance|national_insurance|nationalinsurance|ni number|ni_number|ninumber|ni no",
    shape: "[A-Za-z]{2}(?:[ -]?\\d\\d){3}[ -]?[A-Da-d]",
    isValid: (value) => /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(value),
    bare: {
      shape: "[A-Z]{2} \\d\\d \\d\\d \\d\\d [A-D]",
      keywords: ["00 00 00 a", "00 00 00 b", "00 00 00 c", "00 00 00 d"],
      example: () => "AB 12 34" + " 56 C",
    },
  },
  {
    country: "United Kingdom, NHS",
    words: "nhs",
    shape: digits(10),
    isValid: (value) => {
      const check = 11 - (weighted(value, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
      return (check === 11 ? 0 : check) === at(value, 9) && !isOneDigit(value);
    },
  },
  {
    country: "Canada",
    words: `sin|social insurance|social_insurance|socialinsurance|assurance sociale|${ANY}`,
    shape: digits(9),
    isValid: (value) => passesLuhn(value) && !isOneDigit(value),
  },
  {
    country: "Germany",
    words: `steuer-id|steuerid|steuer_id|steuer-idnr|steuer-identifikationsnummer|steueridentifikationsnummer|identifikationsnummer|idnr|${ANY}`,
    shape: digits(11),
    isValid: (value) => /^[1-9]/.test(value) && passesMod1110(value) && !isOneDigit(value),
  },
  {
    country: "France",
    words: `nir|insee|rite sociale|securite_sociale|num_secu|numero_secu|numsecu|secu|social security|${ANY}`,
    shape: "[1-478](?:[ .-]?\\d){4}[ .-]?\\d[ .-]?[\\dAB](?:[ .-]?\\d){8}",
    isValid: isFrench,
    bare: {
      shape: "[1-478] \\d\\d \\d\\d \\d[\\dAB] \\d{3} \\d{3} \\d\\d",
      keywords: ["0 00 00 00 000 000 00", "0 00 00 0a 000 000 00", "0 00 00 0b 000 000 00"],
      example: () => "2 55 08 14" + " 168 025 38",
    },
  },
  {
    country: "Spain",
    words: `dni|nie|nif|${ANY}`,
    shape: "(?:[XYZxyz][ -]?)?\\d(?:[ .-]?\\d){6,7}[ -]?[A-Za-z]",
    isValid: (value) =>
      /^(?:[XYZ]\d{7}|\d{8})[A-Z]$/.test(value) &&
      SPANISH[Number(value.slice(0, -1).replace(/^[XYZ]/, (first) => String("XYZ".indexOf(first)))) % 23] ===
        value.at(-1),
  },
  {
    country: "Italy",
    words: `codice fiscale|codice_fiscale|codicefiscale|cod. fisc.|fiscal code|fiscal_code|fiscalcode|${ANY}`,
    shape: "[A-Za-z]{6}\\d\\d[A-EHLMPR-Ta-ehlmpr-t]\\d\\d[A-Za-z]\\d{3}[A-Za-z]",
    isValid: isItalian,
    bare: {
      shape: "[A-Z]{6}\\d\\d[A-EHLMPR-T]\\d\\d[A-Z]\\d{3}[A-Z]",
      keywords: [..."abcdehlmprst"].map((month) => `00${month}00`),
      guard: /[A-Za-z]\d{3}[A-Za-z]/y,
      example: () => "RSSMRA85" + "T10A562S",
    },
  },
  {
    country: "Netherlands",
    words: "bsn|burgerservicenummer|sofinummer|sofi-nummer",
    shape: digits(9),
    isValid: (value) => weighted(value, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0 && !isOneDigit(value),
  },
  {
    country: "Poland",
    words: `pesel|${ANY}`,
    shape: digits(11),
    isValid: (value) =>
      (10 - (weighted(value, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === at(value, 10) &&
      isDay(value.slice(0, 2) + String(Number(value.slice(2, 4)) % 20).padStart(2, "0") + value.slice(4, 6), "ymd"),
  },
  {
    country: "Sweden",
    words: `personnummer|personnr|samordningsnummer|personal number|personal_number|${ANY}`,
    shape: "(?:19|20)?\\d{6}[-+ ]?\\d{4}",
    isValid: (value) => {
      const last = value.slice(-10);
      const day = Number(last.slice(4, 6));
      // 60 is added to the day of somebody who was not born there.
      return passesLuhn(last) && isDay(last.slice(0, 4) + String(day > 60 ? day - 60 : day).padStart(2, "0"), "ymd");
    },
  },
  {
    country: "Finland",
    words: `hetu|tunnus|henkilotunnus|${ANY}`,
    shape: "\\d{6}[-+A-FU-Ya-fu-y]\\d{3}[0-9A-FHJ-NPR-Ya-fhj-npr-y]",
    isValid: isFinnish,
    bare: {
      shape: "\\d{6}[-+A]\\d{3}[0-9A-FHJ-NPR-Y]",
      keywords: ["000000-000", "000000+000", "000000a000"],
      example: () => "131052" + "-308T",
    },
  },
  {
    country: "Norway",
    words: "dselsnummer|fodselsnummer|personnummer",
    shape: digits(11),
    isValid: (value) =>
      weighted(value, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
      weighted(value, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0 &&
      isDay(value, "dmy"),
  },
  {
    country: "Denmark",
    // Since 2007 the check digit is not promised, so the day of birth must do.
    words: "cpr|personnummer",
    shape: "\\d{6}[- ]?\\d{4}",
    isValid: (value) => isDay(value, "dmy"),
  },
  {
    country: "Belgium",
    words: `rijksregister|registre national|niss|insz|${ANY}`,
    shape: digits(11),
    isValid: isBelgian,
    bare: {
      shape: "\\d\\d\\.\\d\\d\\.\\d\\d-\\d{3}\\.\\d\\d",
      keywords: ["00.00.00-000.00"],
      example: () => "85.07.30" + "-033.28",
    },
  },
  {
    country: "Switzerland",
    words: "ahv|avs|sozialversicherungsnummer",
    shape: digits(13),
    isValid: (value) => value.startsWith("756") && weighted(value, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0,
    bare: {
      shape: "756\\.\\d{4}\\.\\d{4}\\.\\d\\d",
      keywords: ["000.0000.0000.00"],
      example: () => "756.9217" + ".0769.85",
    },
  },
  {
    country: "Brazil, persons",
    words: `cpf|${ANY}`,
    shape: digits(11),
    isValid: isCpf,
    bare: {
      shape: "\\d{3}\\.\\d{3}\\.\\d{3}-\\d\\d",
      keywords: ["000.000.000-00"],
      example: () => "529.982" + ".247-25",
    },
  },
  {
    country: "Brazil, companies",
    words: `cnpj|${ANY}`,
    shape: "[0-9A-Z]{2}\\.?[0-9A-Z]{3}\\.?[0-9A-Z]{3}/?[0-9A-Z]{4}-?\\d\\d",
    isValid: isCnpj,
    bare: {
      shape: "\\d\\d\\.\\d{3}\\.\\d{3}/\\d{4}-\\d\\d",
      keywords: ["00.000.000/0000-00"],
      example: () => "11.222.333" + "/0001-81",
    },
  },
  {
    country: "Mexico",
    words: "curp",
    shape: MEXICAN_SHAPE,
    isValid: isMexican,
    bare: {
      shape: MEXICAN_SHAPE,
      keywords: ["000000h", "000000m", "000000x"],
      example: () => "HEGG560427" + "MVZRRL04",
    },
  },
  {
    country: "Argentina",
    words: `cuil|cuit|${ANY}`,
    shape: "(?:2[03478]|3[034])[ -]?\\d{8}[ -]?\\d",
    isValid: (value) => (11 - (weighted(value, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === at(value, 10),
  },
  {
    country: "Chile",
    words: "rut",
    shape: "\\d{1,2}\\.?\\d{3}\\.?\\d{3}-?[\\dKk]",
    isValid: (value) => {
      const body = value.slice(0, -1).padStart(8, "0");
      return "0K987654321"[weighted(body, [3, 2, 7, 6, 5, 4, 3, 2]) % 11] === value.at(-1) && Number(body) > 0;
    },
  },
  {
    country: "India, Aadhaar",
    words: `aadhaar|aadhar|uidai|${ANY}`,
    shape: "[2-9]" + "(?:[ -]?\\d){11}",
    isValid: (value) => passesVerhoeff(value) && !isOneDigit(value),
  },
  {
    country: "India, PAN",
    // The fourth letter says what kind of owner it has; the state does not publish the last one's arithmetic.
    words: `pan|permanent account|${ANY}`,
    shape: "[A-Za-z]{5}\\d{4}[A-Za-z]",
    isValid: (value) => /^[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]$/.test(value),
  },
  {
    country: "China",
    words: `id card|id_card|idcard|identity card|identity_card|resident|id number|id_number|idnumber|\u8eab\u4efd\u8bc1|\u8eab\u4efd\u8b49|${ANY}`,
    shape: "\\d{17}[\\dXx]",
    isValid: isChinese,
    bare: {
      shape: "[1-8]\\d{5}(?:19|20)\\d{9}[\\dX]",
      keywords: ["00000000000000000"],
      guard: /[\dX]/y,
      example: () => "1101051949" + "1231002X",
    },
  },
  {
    country: "Japan",
    words:
      "my number|my_number|mynumber|individual number|individual_number|\u30de\u30a4\u30ca\u30f3\u30d0\u30fc|\u500b\u4eba\u756a\u53f7",
    shape: digits(12),
    isValid: (value) => {
      const rest = weighted(value, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
      return (rest <= 1 ? 0 : 11 - rest) === at(value, 11) && !isOneDigit(value);
    },
  },
  {
    country: "Korea",
    // Since October 2020 all but the day and the sex are chance, so with a word these must do.
    words:
      "rrn|jumin|resident registration|resident_registration|\uc8fc\ubbfc\ub4f1\ub85d\ubc88\ud638|\uc8fc\ubbfc\ubc88\ud638",
    shape: "\\d{6}[- ]?[1-8]\\d{6}",
    isValid: (value) => isDay(value, "ymd"),
    bare: { shape: "\\d{6}-[1-8]\\d{6}", keywords: ["000000-0000000"], example: () => "971013" + "-2019902" },
  },
  {
    country: "Australia, tax file number",
    words: `tfn|tax file|tax_file|taxfile|${ANY}`,
    shape: digits(9),
    isValid: (value) => weighted(value, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0 && !isOneDigit(value),
  },
  {
    country: "Australia, Medicare",
    words: "medicare",
    shape: "[2-6](?:[ -]?\\d){9}(?:[ /-]?\\d)?",
    isValid: (value) => weighted(value, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === at(value, 8),
  },
  {
    country: "South Africa",
    words: `sa id|sa_id|id number|id_number|idnumber|${ANY}`,
    shape: digits(13),
    isValid: (value) => passesLuhn(value) && isDay(value, "ymd") && /^\d{10}[0-2][89]/.test(value),
  },
  {
    country: "Russia, taxes",
    words: `inn|\u0438\u043d\u043d|${ANY}`,
    shape: "\\d{12}",
    isValid: (value) =>
      (weighted(value, [7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11) % 10 === at(value, 10) &&
      (weighted(value, [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11) % 10 === at(value, 11) &&
      !isOneDigit(value),
  },
  {
    country: "Russia, pensions",
    words: "snils|\u0441\u043d\u0438\u043b\u0441",
    shape: digits(11),
    isValid: (value) =>
      (weighted(value, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101) % 100 === Number(value.slice(9)) && !isOneDigit(value),
    bare: { shape: "\\d{3}-\\d{3}-\\d{3} \\d\\d", keywords: ["000-000-000 00"], example: () => "112-233" + "-445 95" },
  },
  {
    country: "Turkey",
    words: `tckn|kimlik|${ANY}`,
    shape: "[1-9]\\d{10}",
    isValid: (value) =>
      weighted(value, [7, 9, 7, 9, 7, 9, 7, 9, 7]) % 10 === at(value, 9) &&
      weighted(value, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]) % 10 === at(value, 10),
  },
  {
    country: "Singapore",
    words: `nric|${ANY}`,
    shape: "[STFGstfg]\\d{7}[A-Za-z]",
    isValid: (value) => {
      const sum = weighted(value.slice(1), [2, 7, 6, 5, 4, 3, 2]) + (/^[TG]/.test(value) ? 4 : 0);
      return (/^[ST]/.test(value) ? "JZIHGFEDCBA" : "XWUTRQPNMLK")[sum % 11] === value.at(-1);
    },
  },
  ...MORE_NATIONAL_NUMBERS,
];

/** Born in Corsica: 2A counts as 19, 2B as 18. The last two digits are what is missing to 97. */
function isFrench(value: string): boolean {
  if (!/^[1-478]\d\d(?:0[1-9]|1[0-2]|[2-9]\d)\d[\dAB]\d{8}$/.test(value)) return false;
  const plain = value.slice(0, 13).replace("2A", "19").replace("2B", "18");
  return /^\d{13}$/.test(plain) && 97 - (Number(plain) % 97) === Number(value.slice(13));
}

function isItalian(value: string): boolean {
  let sum = 0;
  for (let i = 0; i < 15; i++) {
    const code = value.charCodeAt(i);
    const number = code < 65 ? code - 48 : code - 65;
    sum += i % 2 === 0 ? ITALIAN_ODD[number]! : number;
  }
  const day = Number(value.slice(9, 11)) % 40;
  return value.charCodeAt(15) - 65 === sum % 26 && day >= 1 && day <= 31;
}

/** Day, month, year, century, number: all digits together, divided by 31, say the last letter. */
function isFinnish(value: string): boolean {
  const plain = value.slice(0, 6) + value.slice(-4, -1);
  return /^\d{9}$/.test(plain) && FINNISH[Number(plain) % 31] === value.at(-1) && isDay(value, "dmy");
}

function isBelgian(value: string): boolean {
  const check = Number(value.slice(9));
  const body = value.slice(0, 9);
  // 20 or 40 is added to the month of somebody who is known without an address there.
  const month = Number(value.slice(2, 4)) % 20;
  if (month > 12 || Number(value.slice(4, 6)) > 31 || isOneDigit(value)) return false;
  return 97 - (Number(body) % 97) === check || 97 - (Number(`2${body}`) % 97) === check;
}

function isCpf(value: string): boolean {
  if (isOneDigit(value)) return false;
  const first = (weighted(value, [10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11;
  const second = (weighted(value, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) * 10) % 11;
  return first % 10 === at(value, 9) && second % 10 === at(value, 10);
}

function isCnpj(value: string): boolean {
  if (isOneDigit(value)) return false;
  const digit = (sum: number): number => (sum % 11 < 2 ? 0 : 11 - (sum % 11));
  return (
    digit(weighted(value, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) === at(value, 12) &&
    digit(weighted(value, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) === at(value, 13)
  );
}

function isMexican(value: string): boolean {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += MEXICAN.indexOf(value[i]!) * (18 - i);
  return (10 - (sum % 10)) % 10 === at(value, 17) && isDay(value.slice(4, 10), "ymd");
}

function isChinese(value: string): boolean {
  return (
    /^[1-8]\d{5}(?:19|20)\d{2}/.test(value) &&
    isDay(value.slice(8, 14), "ymd") &&
    CHINESE[weighted(value, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] === value.at(-1)
  );
}
