// An investigator: a program that Prunella starts for what a probe found. It reads one line of JSON, asks for its tools
// line by line, and ends with a message. This one asks no model; where it says so, yours would.
// docs/guides/investigator.md says what it may do and what it costs.
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const read = async () => JSON.parse((await lines.next()).value);

const { brief, rung } = await read();
let asked = 0;
/** One of the tools of the first line; others are answered with an error. */
async function use(tool, input = {}) {
  asked += 1;
  say({ call: { id: String(asked), tool, input } });
  const { result, error } = await read();
  if (error !== undefined) throw new Error(error);
  return result;
}

const seen = await use("read_deltas");
const others = await use("read_neighbours");

// Here a model would be asked, with `prompt` of the first line. What it used is said by call, so that budgets hold:
//     say({ usage: { call_id: "c1", model: "some-model", input_tokens: 812, output_tokens: 90, cost_micros: 4200 } });
const events = seen.reduce((sum, { events: count }) => sum + count, 0);
const sentences = [
  `${brief.target} fails with ${brief.category}: ${events} times within the last hour.`,
  others.length <= 1 ? "Nothing else of the project failed." : `${others.length - 1} other faults are as young.`,
];

// A fix is asked for only where the envelope is on, and the gate may still say no: then it says why.
const [action] = brief.envelope?.is_on ? brief.envelope.actions : [];
if (action && rung === "full") {
  const target = brief.target.slice(brief.target.lastIndexOf("/") + 1).replace(/^[^:]*:/, "");
  const came = await use("autofix", {
    action: action.name,
    target,
    reason: `the probe ${brief.probe} says ${brief.category}`,
  });
  sentences.push(`${action.name} was asked for: ${came.rejection_reason ?? came.status}.`);
}

say({ message: sentences.join(" ") });
