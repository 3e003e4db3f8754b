import { fieldsOf, type Fields } from "./json-error.ts";

const MAX_FRAMES = 400;

export function mayBeIps(text: string): boolean {
  return text.includes('"faultingThread"') && text.includes('"usedImages"');
}

/**
 * Apple's crash reports in JSON (`.ips`: a line about the report, then the report) as the lines of the older form,
 * which say the same. Null: none of it is such a report.
 */
export function writeIps(text: string): string | null {
  const report = reportIn(text);
  const threads = report === null ? null : report["threads"];
  if (report === null || !Array.isArray(threads)) return null;
  const images = listOf(report["usedImages"]);
  const exception = fieldsOf(report["exception"]);
  const signal = said(exception?.["signal"]);
  const told = Object.values(fieldsOf(report["asi"]) ?? {}).flatMap((each) => (Array.isArray(each) ? each : [each]));
  const lines = [
    `Process:             ${said(report["procName"])} [${Number(report["pid"]) || 0}]`,
    `Exception Type:  ${said(exception?.["type"])}${signal === "" ? "" : ` (${signal})`}`,
    ...(said(exception?.["subtype"]) === "" ? [] : [`Exception Subtype: ${said(exception?.["subtype"])}`]),
    ...(said(fieldsOf(report["termination"])?.["indicator"]) === ""
      ? []
      : [`Termination Reason: ${said(fieldsOf(report["termination"])?.["indicator"])}`]),
    ...told.filter((each) => typeof each === "string"),
  ];
  const thrown = listOf(report["lastExceptionBacktrace"]);
  if (thrown.length > 0) lines.push("", "Last Exception Backtrace:", ...framesOf(thrown, images));
  const at = Number(report["faultingThread"]);
  const crashed = fieldsOf(threads[at]);
  lines.push("", `Thread ${at} Crashed:`, ...framesOf(listOf(crashed?.["frames"]), images));
  return lines.join("\n");
}

/** The report begins behind the first line, which is JSON of its own. */
function reportIn(text: string): Fields | null {
  const at = text.search(/^\{\s*$|^\{(?=[^\n]{0,4000}"faultingThread")/m);
  try {
    return at < 0 ? null : fieldsOf(JSON.parse(text.slice(at)));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function framesOf(frames: readonly Fields[], images: readonly Fields[]): string[] {
  return frames.slice(0, MAX_FRAMES).map((each, i) => {
    const image = images[Number(each["imageIndex"])] ?? {};
    const offset = Number(each["imageOffset"]) || 0;
    const base = Number(image["base"]) || 0;
    const address = `0x${(base + offset).toString(16).padStart(16, "0")}`;
    const symbol = said(each["symbol"]);
    const name =
      symbol === ""
        ? `0x${base.toString(16).padStart(9, "0")} + ${offset}`
        : `${symbol} + ${Number(each["symbolLocation"]) || 0}`;
    const file = said(each["sourceFile"]);
    const place = file === "" ? "" : ` (${file}:${Number(each["sourceLine"]) || 0})`;
    return `${i}   ${said(image["name"]) || "???"}  ${address} ${name}${place}`;
  });
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf).filter((each) => each !== null) : [];
}

function said(value: unknown): string {
  return typeof value === "string" ? value.replace(/\s+/g, " ").trim() : "";
}
