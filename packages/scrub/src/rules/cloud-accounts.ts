import { RANK, type Rule } from "../engine/rule.ts";
import { isHex } from "../text/characters.ts";

/** What stands between the end of a key and its value: a closing quote, an operator, an opening quote. */
const ASSIGNED = /^["'\]]{0,2}[ \t]{0,4}(?:=>|:=|==?|:)[ \t]{0,4}["']?/;

/**
 * Identifiers of accounts and keys without any mark of their own. They open nothing alone, but they
 * name whose cloud it is, and scanners of repositories count them as findings.
 */
export const CLOUD_ACCOUNTS: readonly Rule[] = [
  {
    name: "azure-account-id",
    type: "AZURE_ID",
    rank: RANK.context,
    keywords: "client tenant subscription directory object"
      .split(" ")
      .flatMap((word) => [`${word}_id`, `${word}id`, `${word}-id`]),
    // Only next to Azure's own words: other programs have tenants too.
    find(text, start, end, lo, hi) {
      const before = text.slice(Math.max(lo, start - 24), start);
      if (!/(?:^|[^A-Za-z])(?:azure|arm|aad|ad|msal|entra)[_.-]{0,2}(?:ad[_.-]?)?$/i.test(before)) return null;
      const match = new RegExp(`${ASSIGNED.source}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![\\w-])`, "i").exec(
        text.slice(end, Math.min(hi, end + 64)),
      );
      if (match === null || /^[0-]+$/.test(match[1]!)) return null;
      const stop = end + match[0].length;
      return { start: stop - match[1]!.length, end: stop, open: false };
    },
    example: () => "AZURE_TENANT_ID=" + "dac6fb3d-713c-4555-8a97" + "-4089aa3849be",
  },
  {
    name: "aws-account-id",
    type: "AWS_ACCOUNT",
    rank: RANK.context,
    keywords: ["aws_account", "awsaccount", "aws-account"],
    find(text, _start, end, _lo, hi) {
      const match = new RegExp(
        `^(?:[_-]?(?:id|number|no))?${ASSIGNED.source.slice(1)}(\\d{12}|\\d{4}-\\d{4}-\\d{4})(?![\\w-])`,
        "i",
      ).exec(text.slice(end, Math.min(hi, end + 48)));
      if (match === null) return null;
      const stop = end + match[0].length;
      return { start: stop - match[1]!.length, end: stop, open: false };
    },
    example: () => "AWS_ACCOUNT_ID: 1234" + "56781234",
  },
  {
    name: "ethereum-private-key",
    type: "WALLET_PRIVATE_KEY",
    rank: RANK.context,
    keywords: ["0x"],
    // Addresses and pointers are refused by two looks.
    guard: (text, _start, end) => isHex(text.charCodeAt(end + 63)) && isHex(text.charCodeAt(end + 31)),
    find(text, start, end, lo, hi) {
      if (!/^[0-9a-f]{64}(?![\w-])/i.test(text.slice(end, Math.min(hi, end + 66)))) return null;
      const before = text.slice(Math.max(lo, start - 96), start);
      // Transactions and blocks have hashes of the same shape, and nobody but them is named like that.
      if (/(?:tx|txn|hash|block|transaction|topic|root|slot|receipt|log)s?["'\]]?[\s:=>("']{0,4}$/i.test(before))
        return null;
      const around = before + text.slice(end + 64, Math.min(hi, end + 160));
      if (!/private.?key|wallet|mnemonic|seed.?phrase|keystore|signing.?key|deployer/i.test(around)) return null;
      return { start, end: end + 64, open: false };
    },
    example: () => "the wallet of 0x" + "c8f12fb8b20008e14b5A5ff4bad15af9" + "b545d98144da8707892dcc2a2014ba58",
  },
];
