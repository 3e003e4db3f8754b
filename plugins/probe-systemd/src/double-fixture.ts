import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * For tests only: a `systemctl` of ours on disk, because no manager of systemd runs where the tests do. It has
 * units that are started, fail and are restarted, and answers as systemctl(1) says: `show` a line for each
 * property and 0, also for a unit that is not there; `restart` 5 for such a unit, and 1 when its job failed.
 * A restart waits until a test lets it go on.
 */
export function installSystemctlDouble() {
  const folder = mkdtempSync(join(tmpdir(), "prunella-systemctl-"));
  const at = (name: string) => join(folder, name);
  writeFileSync(at("systemctl"), PROGRAM.replaceAll("@folder@", folder));
  chmodSync(at("systemctl"), 0o755);
  writeFileSync(at("done"), "");
  let isOver = false;
  return {
    /** What a program's environment needs to find it first. */
    environment: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
    put: (unit: string, active: "active" | "failed" | "inactive"): void => writeFileSync(at(`unit.${unit}`), active),
    /** Restarts that were carried out. */
    restarts: (): number => readFileSync(at("done"), "utf8").split("\n").length - 1,
    /** Resolves when a restart waits; also when all is over. */
    async begun(): Promise<void> {
      while (!isOver && !existsSync(at("begun"))) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    letGo: (works: boolean): void => writeFileSync(at(works ? "go" : "stay"), ""),
    remove(): void {
      isOver = true;
      writeFileSync(at("stay"), "");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const PROGRAM = `#!/bin/sh
cd "@folder@" || exit 1
verb="$2"
for unit in "$@"; do :; done
if [ "$verb" = show ]; then
  load=not-found active=inactive sub=dead result=success
  if [ -f "unit.$unit" ]; then
    load=loaded
    active=$(cat "unit.$unit")
    case "$active" in
      active) sub=running ;;
      failed) sub=failed result=exit-code ;;
    esac
  fi
  printf 'LoadState=%s\nActiveState=%s\nSubState=%s\nResult=%s\n' "$load" "$active" "$sub" "$result"
  exit 0
fi
[ "$verb" = restart ] || exit 1
[ -f "unit.$unit" ] || exit 5
touch begun
waited=0
while [ ! -f go ] && [ ! -f stay ] && [ "$waited" -lt 1000 ]; do
  sleep 0.02
  waited=$((waited + 1))
done
rm -f begun stay
[ -f go ] || exit 1
rm -f go
printf active > "unit.$unit"
echo "$unit" >> done
`;
