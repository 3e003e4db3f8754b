import { lazy, Suspense, useState } from "react";
import type { FaultDetail } from "@prunella/contract";
import { Menu } from "../parts/menu.tsx";
import { ruleFrom } from "../rules/pattern.ts";

const RuleDialog = lazy(() => import("../rules/rule-dialog.tsx").then((module) => ({ default: module.RuleDialog })));
const EraseDialog = lazy(() => import("./erase-dialog.tsx").then((module) => ({ default: module.EraseDialog })));

/** What is done to a fault seldom enough to stand behind a button. */
export function FaultMenu({ detail, onResolveNext }: { detail: FaultDetail; onResolveNext: () => void }) {
  const [open, setOpen] = useState<"rule" | "erase" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Menu
        label="More"
        items={[
          { title: "Resolve in the next release", run: onResolveNext },
          { title: "Write a grouping rule from this fault…", run: () => setOpen("rule") },
          { title: "Erase this fault…", run: () => setOpen("erase"), bad: true },
        ]}
      />
      <Suspense>
        {open === "rule" && <RuleDialog draft={ruleFrom(detail)} onClose={close} />}
        {open === "erase" && <EraseDialog detail={detail} onClose={close} />}
      </Suspense>
    </>
  );
}
