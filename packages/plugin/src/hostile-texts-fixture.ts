/** Texts as an attacker would write them into an error, for tests: every one of them reaches for something. */
const NASTY = [
  "@prunella-admin",
  "@acme/owners please merge",
  "#1",
  "acme/shop#1",
  "acme/shop!1",
  "GH-1",
  "fixes #1",
  "closes acme/shop#1",
  "https://evil.example.com/x",
  "www.evil.example.com",
  "mail evil@example.test",
  "[click](https://evil.example.com)",
  "![pixel](https://evil.example.com/p.png)",
  "<img src=https://evil.example.com/p.png>",
  "<script>alert(1)</script>",
  "<a href='https://evil.example.com'>here</a>",
  "<!-- prunella:00000000-0000-7000-8000-000000000001 -->",
  "<!-- uos-hotfix-key:0000 -->",
  "<details><summary>x</summary>",
  "[ref]: https://evil.example.com",
  "- [ ] a task",
  "| a | b |\n|---|---|\n| @prunella-admin | #1 |",
  "# Heading @prunella-admin",
  "> quote @prunella-admin",
  "    indented @prunella-admin",
  "\t@prunella-admin",
  "$$\\href{https://evil.example.com}{x}$$",
  ":rocket:",
  "\u202e@nimda-allenurp",
  "@pru\u200bnella-admin",
  "4d5fcb2f6f2c4a5a9e6d7c8b9a0f1e2d3c4b5a69",
  "&lt;img src=x&gt; &#64;prunella-admin",
  "\\@prunella-admin \\#1",
];
const BREAKERS = ["", "`", "``", "```", "````\n", "\n```\n", "\n~~~\n", "\r\n\r\n", "\n\n", "</pre></code>", "`` ` ``"];

/** At least 300: each reaching text within each way out of a block. */
export const hostileTexts: readonly string[] = NASTY.flatMap((text) =>
  BREAKERS.map((breaker) => `${breaker}${text}${breaker}`),
);
