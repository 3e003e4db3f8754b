import type { ApiDeps } from "./handler.ts";
import { about } from "./handlers/about.ts";
import { account } from "./handlers/account.ts";
import { access } from "./handlers/access.ts";
import { envelopes } from "./handlers/envelopes.ts";
import { faults } from "./handlers/faults.ts";
import { finding } from "./handlers/finding.ts";
import { healing } from "./handlers/healing.ts";
import { messages } from "./handlers/messages.ts";
import { ledger } from "./handlers/ledger.ts";
import { people } from "./handlers/people.ts";
import { crashes } from "./handlers/crashes.ts";
import { plugins } from "./handlers/plugins.ts";
import { projectSettings } from "./handlers/project-settings.ts";
import { projects } from "./handlers/projects.ts";
import { releases } from "./handlers/releases.ts";
import { rules } from "./handlers/rules.ts";
import { sourceMaps } from "./handlers/source-maps.ts";
import { rehearsing } from "./handlers/rehearsing.ts";
import { approvals } from "./handlers/approvals.ts";
import { standing } from "./handlers/standing.ts";
import { supervised } from "./handlers/supervised.ts";
import { tokens } from "./handlers/tokens.ts";
import { watching } from "./handlers/watching.ts";
import { triage } from "./handlers/triage.ts";
import { mount } from "./operations.ts";

/** The operator API under `/v1`: the table of `@prunella/contract/operations`, thin over the kernel's application functions. */
export function createApi(deps: ApiDeps) {
  return mount(
    {
      ...access,
      ...account,
      ...about,
      ...people,
      ...tokens,
      ...projects,
      ...projectSettings,
      ...faults,
      ...triage,
      ...releases,
      ...finding,
      ...rules,
      ...sourceMaps,
      ...healing,
      ...messages,
      ...envelopes,
      ...standing,
      ...approvals,
      ...rehearsing,
      ...ledger,
      ...supervised,
      ...watching,
      ...plugins,
      ...crashes,
    },
    deps,
  );
}
