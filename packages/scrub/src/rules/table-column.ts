import { FOREIGN_KEY, isForeignText } from "../keys/foreign-key.ts";
import { RANK, type Rule, type Span } from "../engine/rule.ts";
import { classifyKey, type SecretKey } from "../keys/secret-key.ts";
import { isCode, isHarmless, isLabel, isNoSecret, isRandom, looksSecret } from "../keys/value.ts";

type Cell = { start: number; end: number; quoted: boolean };

/**
 * A column whose header names a secret: CSV and TSV, tables of wikis, of databases' shells and of
 * columns set with blanks, and `INSERT INTO t (a, password) VALUES (…)`. Rows must have as many
 * cells as the header; what stands further away than a rule may look stays.
 */
export const TABLE_COLUMN: Rule = {
  name: "table-column",
  type: "PASSWORD",
  rank: RANK.context,
  keywords:
    "password passwords passwd passphrase passwort kennwort contrase wachtwoord senha haslo heslo parola pwd pw pass secret token apikey api_key".split(
      " ",
    ),
  foreign: FOREIGN_KEY,
  // The end of a cell, or a quote and then the end of a cell.
  guard: (text, _start, end) => {
    const next = text.charCodeAt(end);
    if (next === 32) return !(text.charCodeAt(end + 1) > 32 && text.charCodeAt(end + 1) !== 124);
    if (next === 34 || next === 39 || next === 96) return isEnd(text.charCodeAt(end + 1));
    return isEnd(next) || next > 127;
  },
  find(text, start, _end, lo, hi) {
    return columnOf(text, start, lo, hi) ?? insertOf(text, start, lo, hi);
  },
  // Every row below a header is read. Code and prose set a blank or a line's end behind their commas.
  price: (text, start, end) =>
    isDelimiter(text.charCodeAt(start - 1)) || (isDelimiter(text.charCodeAt(end)) && !isOfCode(text, end)) ? 8 : 1,
  example: () => "\nid,user,password\n1,bob," + "hunter2\n2,eve," + "hunter3\n",
};

function isDelimiter(code: number): boolean {
  return code === 44 || code === 124 || code === 59 || code === 9;
}

function isOfCode(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code === 44 || code === 59) && text.charCodeAt(at + 1) <= 32;
}

function isEnd(code: number): boolean {
  return code !== code || code < 32 || code === 124 || code === 44 || code === 59 || code === 41;
}

function columnOf(text: string, at: number, lo: number, hi: number): Span | null {
  let from = at;
  while (from > lo && text.charCodeAt(from - 1) !== 10) from--;
  const lineEnd = endOfLine(text, at, hi);
  const header = text.slice(from, lineEnd);
  // The beginning of the line cannot be seen.
  if (from === lo && lo > 0) return null;
  const delimiter = delimiterOf(header);
  if (delimiter === null) return onlyColumn(text, header, lineEnd, hi);
  const cells = cellsOf(text, from, lineEnd, delimiter);
  const column = cells.findIndex((cell) => cell.start <= at && at < cell.end);
  if (column < 0 || cells.length < 2 || !cells.every((cell) => isName(text, cell, delimiter))) return null;
  const key = classifyKey(text.slice(cells[column]!.start, cells[column]!.end).replaceAll(/\s+/g, "_"));
  if (key === null) return null;

  const found: Cell[] = [];
  let rows = 0;
  for (let row = nextLine(text, lineEnd, hi); row < hi && rows < 32; rows++) {
    const end = endOfLine(text, row, hi);
    // A row that the window cuts off is not read; a ruler between head and body is no row.
    if (end >= hi && hi < text.length) break;
    const next = nextLine(text, end, hi);
    if (!/^[\s|+=:-]*$/.test(text.slice(row, end))) {
      const values = cellsOf(text, row, end, delimiter);
      if (values.length !== cells.length) break;
      const value = values[column]!;
      if (isValue(text, value, key, delimiter)) found.push(value);
    } else if (text.slice(row, end).trim() === "") break;
    row = next;
  }
  // `| Password | … |`: the value stands beside its name.
  const beside = cells[column + 1];
  if (found.length === 0 && delimiter === "|" && cells.length <= 3 && key.isPassword && beside !== undefined)
    if (/\d/.test(text.slice(beside.start, beside.end)) && isValue(text, beside, key, delimiter)) found.push(beside);
  return spanOf(found, key);
}

/** One column, and a ruler under its name. */
function onlyColumn(text: string, header: string, lineEnd: number, hi: number): Span | null {
  const name = header.trim();
  const key = /^[\w ]{2,40}$/.test(name) ? classifyKey(name) : null;
  if (key === null) return null;
  const body = /^[ \t]{0,8}\r?\n[ \t]?-{3,80}[ \t]{0,8}\r?\n[ \t]{0,8}/.exec(text.slice(lineEnd, hi));
  if (body === null) return null;
  const value = trimmed(text, lineEnd + body[0].length, endOfLine(text, lineEnd + body[0].length, hi));
  return isValue(text, value, key, "|") ? spanOf([value], key) : null;
}

/** `(name, password) VALUES ('bob', '…')` */
function insertOf(text: string, at: number, lo: number, hi: number): Span | null {
  const close = text.slice(at, hi).indexOf(")");
  const values = close < 0 ? null : /^\s{0,40}values\s{0,20}\(/i.exec(text.slice(at + close + 1, hi));
  const open = values === null ? -1 : text.slice(lo, at).lastIndexOf("(");
  if (values === null || open < 0) return null;
  const names = text.slice(lo + open + 1, at + close).split(",");
  const column = text.slice(lo + open + 1, at).split(",").length - 1;
  const key = classifyKey(names[column]!.replace(/["'`[\]\s\\]/g, ""));
  if (key === null || !names.every((name) => /^\s{0,20}["'`[\\]{0,2}\w{1,40}["'`\]\\]{0,2}\s{0,20}$/.test(name)))
    return null;
  const found: Cell[] = [];
  let row = at + close + 1;
  row += values[0].length;
  for (let rows = 0; rows < 16 && row < hi; rows++) {
    const cells = argumentsOf(text, row, hi);
    if (cells.length !== names.length) break;
    const value = cells[column]!;
    if (value.quoted && isValue(text, value, key, ",")) found.push(value);
    const next = /^['"]?[^)'"]{0,8}\)\s{0,8},\s{0,40}\(/.exec(text.slice(cells.at(-1)!.end, hi));
    if (next === null) break;
    row = cells.at(-1)!.end + next[0].length;
  }
  return spanOf(found, key);
}

function spanOf(found: readonly Cell[], key: SecretKey): Span | null {
  const [first, ...more] = found;
  return first === undefined ? null : { start: first.start, end: first.end, open: false, type: key.type, more };
}

/** What keeps the cells of this line apart, or null where it is no header. */
function delimiterOf(line: string): string | null {
  if (line.length > 300 || !/[|,;\t]| {2}/.test(line.trim())) return null;
  if (line.includes("|")) return "|";
  if (line.includes("\t")) return "\t";
  const commas = line.split(",").length;
  const semicolons = line.split(";").length;
  // Prose and code set a blank behind a comma.
  if (commas > 1 && commas >= semicolons) return /,\s/.test(line) ? null : ",";
  if (semicolons > 1) return /;\s*$|; /.test(line) ? null : ";";
  return /\S {2,}\S/.test(line.trim()) ? "  " : null;
}

function cellsOf(text: string, from: number, to: number, delimiter: string): Cell[] {
  if (delimiter === "|") {
    while (from < to && (text.charCodeAt(from) <= 32 || text.charCodeAt(from) === 124)) from++;
    while (to > from && (text.charCodeAt(to - 1) <= 32 || text.charCodeAt(to - 1) === 124)) to--;
  } else if (delimiter === "  ") while (from < to && text.charCodeAt(from) === 32) from++;
  const cells: Cell[] = [];
  const step = delimiter === "  " ? / {2,}/g : delimiter === "|" ? /\|{1,2}/g : null;
  for (let at = from; at <= to && cells.length < 64;) {
    let end = to;
    let next = to + 1;
    if (text.charCodeAt(at) === 34 && step === null) {
      // A quoted cell may hold the delimiter; quotes in it are doubled.
      let close = at + 1;
      while (close < to && !(text.charCodeAt(close) === 34 && text.charCodeAt(close + 1) !== 34))
        close += text.charCodeAt(close) === 34 ? 2 : 1;
      cells.push({ start: at + 1, end: Math.min(close, to), quoted: true });
      const after = text.slice(close, to).indexOf(delimiter);
      at = after < 0 ? to + 1 : close + after + 1;
      continue;
    }
    if (step === null) {
      const found = text.slice(at, to).indexOf(delimiter);
      if (found >= 0) next = (end = at + found) + 1;
    } else {
      step.lastIndex = 0;
      const found = step.exec(text.slice(at, to));
      if (found !== null) next = (end = at + found.index) + found[0].length;
    }
    cells.push(trimmed(text, at, end));
    at = next;
  }
  return cells;
}

/** The arguments of a call or the values of a row, up to its closing bracket. */
function argumentsOf(text: string, from: number, hi: number): Cell[] {
  const cells: Cell[] = [];
  const one =
    /^\s{0,20}(?:[NnEe]?'((?:[^'\\\n]|''|\\.){0,256})'|"([^"\n]{0,256})"|[^\s,()'"]{0,64}(?:\([^()\n]{0,64}\))?)\s{0,20}(?=[,)])/;
  for (let at = from; cells.length < 64;) {
    const match = one.exec(text.slice(at, hi));
    if (match === null) return [];
    const body = match[1] ?? match[2];
    const start = body === undefined ? at : at + match[0].search(/['"]/) + 1;
    const end = at + match[0].length;
    cells.push(body === undefined ? { start, end, quoted: false } : { start, end: start + body.length, quoted: true });
    if (text.charCodeAt(end) === 41) return cells;
    at = end + 1;
  }
  return [];
}

function trimmed(text: string, start: number, end: number): Cell {
  while (start < end && (text.charCodeAt(start) <= 32 || text.charCodeAt(start) === 96)) start++;
  while (end > start && (text.charCodeAt(end - 1) <= 32 || text.charCodeAt(end - 1) === 96)) end--;
  return { start, end, quoted: false };
}

function isName(text: string, { start, end }: Cell, delimiter: string): boolean {
  const name = text.slice(start, end);
  if (name === "") return delimiter === "|" || delimiter === "\t";
  return /^[*_#]{0,3}[\p{L}_][\p{L}\p{N} _./#*()-]{0,40}$/u.test(name) && !/^(?:and|or|und|oder|et|y)\b/.test(name);
}

function isValue(text: string, cell: Cell, key: SecretKey, delimiter: string): boolean {
  const value = text.slice(cell.start, cell.end);
  if (value === "" || isNoSecret(value, key) || isLabel(value) || isForeignText(value) || isHarmless(value))
    return false;
  if (/\s/.test(value) && !cell.quoted) return false;
  // Tests that pass are counted.
  if (/^[\d.,]{1,5}%?$/.test(value) && (value.length < 4 || !key.isPassword)) return false;
  if (isCode(value, true, 0) || (!/\d/.test(value) && classifyKey(value) !== null)) return false;
  if (key.needsRandom === true || key.isPhrase === true) return isRandom(value);
  if (!key.isPassword) return looksSecret(value, ":", false);
  // Between bars and blanks also stand the columns of help texts and of programs' tables.
  return delimiter.length === 1 && delimiter !== "|" ? true : /\d|[^\p{L}\p{N}_.-]/u.test(value) && value.length >= 5;
}

function endOfLine(text: string, at: number, hi: number): number {
  while (at < hi && text.charCodeAt(at) !== 10 && text.charCodeAt(at) !== 13) at++;
  return at;
}

function nextLine(text: string, end: number, hi: number): number {
  if (end < hi && text.charCodeAt(end) === 13) end++;
  return end < hi && text.charCodeAt(end) === 10 ? end + 1 : hi;
}
