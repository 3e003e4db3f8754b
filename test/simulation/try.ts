import { openStore } from "./store.ts";
import { play } from "./play.ts";
import { DEFECTS } from "./defects.ts";
const defect = Object.entries(DEFECTS).find(([k]) => k === process.argv[4])?.[1];
const store = await openStore();
const from = Number(process.argv[2] ?? 1), n = Number(process.argv[3] ?? 5);
const t = process.cpuUsage(); const t0 = Date.now();
let steps = 0; const reached = new Set<string>();
for (let seed = from; seed < from + n; seed++) {
  const p = await play(store, seed, defect);
  steps += p.steps; p.reached.forEach((f) => reached.add(f));
  if (process.argv[5] && p.violations.length) { console.log(seed, p.steps, p.violations.slice(0, 2)); break; }
  if (p.violations.length) console.log(seed, p.steps, p.violations.slice(0, 2));
}
const u = process.cpuUsage(t);
console.log({ steps, cpuMsPerSeed: (u.user + u.system) / 1000 / n, wall: (Date.now() - t0) / n, reached: reached.size });
