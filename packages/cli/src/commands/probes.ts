import type { ProbeDetail, ProbeState } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { dim, plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";
import { paintStatus, stripText, toldChanges } from "./watch-words.ts";

interface OfProject {
  readonly project?: string;
}

export async function probes(common: Common, { project }: OfProject): Promise<void> {
  const page = await connect(common)("list_probes", project === undefined ? {} : { project });
  if (common.json) return printJson(page);
  if (page.probes.length === 0) return print(NONE);
  const now = Date.now();
  print(
    table(
      [
        { title: "PROBE" },
        { title: "KIND" },
        { title: "STATE" },
        { title: "SINCE" },
        { title: "NEXT" },
        { title: "LAST 24 H" },
        { title: "WHAT WAS FOUND", fills: true },
      ],
      page.probes.map((one) => [
        plain(one.name),
        one.kind,
        one.status,
        one.checked_at === null ? "" : relative(one.since, now),
        relative(one.next_due, now),
        stripText(one.strip),
        plain(one.detail),
      ]),
      (cell, column) => (column === 2 ? paintStatus(cell) : cell),
    ),
  );
}

const NONE = `There are no probes. In prunella.yaml:

  probes:
    - name: shop-http
      kind: http
      every: 10s
      target: program:shop
      settings: { url: "http://127.0.0.1:8080/health" }`;

export async function showProbe(common: Common, name: string, { project }: OfProject): Promise<void> {
  const answer = await connect(common)("show_probe", { project: project ?? "default", name });
  if (common.json) return printJson(answer);
  print(toldProbe(answer.probe));
}

export async function checkProbe(common: Common, name: string, { project }: OfProject): Promise<void> {
  const answer = await connect(common)("check_probe", { project: project ?? "default", name });
  if (common.json) return printJson(answer);
  const { status, category, detail } = answer.probe;
  print(
    `${paintStatus(status)}${category === "ok" ? "" : ` (${category})`}: ${plain(detail)}${measuredOf(answer.probe)}`,
  );
  print(dim(`Written down as if it were due. Its history: ${commandLine(common, `probes show ${name}`)}`));
}

const measuredOf = ({ measured }: Pick<ProbeState, "measured">): string => {
  const all = Object.entries(measured).map(([name, value]) => `${name} ${value}`);
  return all.length === 0 ? "" : `\n${dim(all.join(", "))}`;
};

function toldProbe(probe: ProbeDetail): string {
  const now = Date.now();
  const looked = probe.checked_at === null ? "never" : relative(probe.checked_at, now);
  return [
    `${plain(probe.name)}: ${paintStatus(probe.status)} since ${relative(probe.since, now)}. ${plain(probe.detail)}`,
    `kind ${probe.kind}, watches ${plain(probe.target)}, looked ${looked}, looks next ${relative(probe.next_due, now)}`,
    `failures in a row ${probe.failures} of ${probe.failures_needed}; ${probe.told ? "told" : "nothing to tell"}`,
    `settings ${plain(JSON.stringify(probe.settings))}${measuredOf(probe)}`,
    `last 24 h  ${stripText(probe.strip)}`,
    ...toldChanges(probe.changes, now),
  ].join("\n");
}
