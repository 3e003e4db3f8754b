import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { dim } from "../terminal/text.ts";

export async function signIn(common: Common): Promise<void> {
  const answer = await connect(common)("make_sign_in_link");
  if (common.json) return printJson(answer);
  print(answer.url);
  print(dim("Works once, within 15 minutes."));
}
