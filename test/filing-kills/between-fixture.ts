import { createServer, request, type Server } from "node:http";

/** A whole server is killed (SIGKILL) between it and its host, at each step of looking, making and writing down. */
export const STEPS = [
  "before it is made",
  "made and not answered",
  "answered",
  "looked for",
  "looked for and answered",
] as const;
export type Step = (typeof STEPS)[number];

export interface Between {
  readonly server: Server;
  readonly url: string;
  /** The next server dies at this step, of issues of the repository whose name ends so. */
  at(step: Step | null, kill: () => void, repo?: string): void;
}

/** Stands between a server and its host, and kills at a step. */
export async function standBetween(target: string): Promise<Between> {
  let wanted: Step | null = null;
  let at = "";
  let kill = (): void => undefined;
  const dies = (step: Step): boolean => {
    if (wanted !== step) return false;
    wanted = null;
    kill();
    return true;
  };
  const server = createServer((from, to) => {
    const path = (from.url ?? "").split("?", 1)[0] ?? "";
    const isIssues = path.endsWith(`${at}/issues`);
    const isMade = isIssues && from.method === "POST";
    const isLookedFor = isIssues && from.method === "GET";
    if ((isMade && dies("before it is made")) || (isLookedFor && dies("looked for"))) return void to.destroy();
    const { host: _host, ...headers } = from.headers;
    const asked = request(target + (from.url ?? ""), { method: from.method, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => {
        if (isMade && dies("made and not answered")) return void to.destroy();
        to.writeHead(answer.statusCode ?? 500, answer.headers);
        to.end(Buffer.concat(parts));
        if (isMade) dies("answered");
        if (isLookedFor) dies("looked for and answered");
      });
    });
    asked.on("error", () => to.destroy());
    from.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    server,
    url: `http://127.0.0.1:${port}`,
    at(step, by, repo = "") {
      wanted = step;
      kill = by;
      at = repo;
    },
  };
}
