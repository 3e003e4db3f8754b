import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { text } from "../read.ts";
import { dim } from "../terminal/text.ts";

export async function signIn(common: Common): Promise<void> {
  const answer = await connect(common).post("/v1/sign-in-links");
  if (common.json) return printJson(answer);
  print(text(answer, "url"));
  print(dim("Works once, within 15 minutes."));
}
