/**
 * Monolog, Laravel's logger among its users, writes an exception into JSON behind the line:
 * `{"exception":"[object] (App\\Error(code: 0): message at /srv/app.php:9)`, `[stacktrace]`, frames. Each as PHP prints it itself.
 */
export function withoutMonolog(lines: readonly string[]): readonly string[] {
  if (!lines.some((line) => line.includes('"[object] ('))) return lines;
  const written: string[] = [];
  for (const line of lines) {
    const logged = OBJECT.exec(line);
    if (logged !== null) {
      const rest = line.slice(logged.index + logged[0].length);
      written.push(headOf(logged), "Stack trace:", ...foldedFrames(rest));
    } else if (line !== "[stacktrace]") written.push(/^#\d{1,6} /.test(line) ? line.replaceAll("\\\\", "\\") : line);
  }
  return written;
}

const OBJECT = /"\[object\] \(([\w\\]{1,300})\(code: -?[\w[\]:]{1,20}\): (.{0,1200}?) at (\S.{0,600}?):(\d{1,9})\)/;

function headOf([, type, value, file, line]: RegExpExecArray): string {
  return `Uncaught ${type!.replaceAll("\\\\", "\\")}: ${value!.replaceAll("\\\\", "\\").replaceAll('\\"', '"')} in ${file!}:${line!}`;
}

/** A formatter that keeps line ends folded leaves the frames behind the message. */
function foldedFrames(rest: string): string[] {
  if (!rest.startsWith("\\n[stacktrace]\\n")) return [];
  return rest
    .slice(16)
    .split("\\n")
    .filter((each) => /^#\d{1,6} /.test(each))
    .map((each) => each.replaceAll("\\\\", "\\"));
}
