/** A value in quotes or bare; the name of the group says that it goes. */
export const VALUE = `(?:'(?<q1>[^'\\n]{1,128})'|"(?<q2>[^"\\n]{1,128})"|(?<bare>[^\\s'"|;&<>()]{1,128}))`;

export type Form = {
  readonly name: string;
  readonly keywords: readonly string[];
  readonly pattern: RegExp;
  /** The same without places. */
  readonly refusal: RegExp;
  readonly example: () => string;
};

/** `~` in a keyword stands for a blank. */
export function form(name: string, keywords: string, pattern: string, example: () => string): Form {
  return {
    name,
    keywords: keywords.split(" ").map((word) => word.replaceAll("~", " ")),
    pattern: new RegExp(pattern, "d"),
    refusal: new RegExp(pattern),
    example,
  };
}
