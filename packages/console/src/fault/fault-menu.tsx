import { lazy, Suspense, useState } from "react";
import type { FaultDetail } from "@prunella/contract";
import { useMay } from "../api/may.ts";
import { Menu } from "../parts/menu.tsx";
import { ruleFrom } from "../rules/pattern.ts";

const RuleDialog = lazy(() => import("../rules/rule-dialog.tsx").then((module) => ({ default: module.RuleDialog })));
const AsCalls = lazy(() => import("./as-calls.tsx").then((module) => ({ default: module.AsCalls })));
const EraseDialog = lazy(() => import("./erase-dialog.tsx").then((module) => ({ default: module.EraseDialog })));

/** What is done to a fault seldom enough to stand behind a button. */
export function FaultMenu({ detail, onResolveNext }: { detail: FaultDetail; onResolveNext: () => void }) {
  const [open, setOpen] = useState<"rule" | "erase" | "calls" | null>(null);
  const close = () => setOpen(null);
  const may = useMay();
  const project = detail.fault.project_id;
  return (
    <>
      <Menu
        label="More"
        items={[
          {
            title: "Resolve in the next release",
            run: onResolveNext,
            why: may("POST /v1/faults/triage", project),
          },
          {
            title: "Write a grouping rule from this fault…",
            run: () => setOpen("rule"),
            why: may("POST /v1/grouping-rules", project),
          },
          { title: "All of this as curl…", run: () => setOpen("calls") },
          {
            title: "Erase this fault…",
            run: () => setOpen("erase"),
            bad: true,
            why: may("POST /v1/faults/:id/erase", project),
          },
        ]}
      />
      <Suspense>
        {open === "rule" && <RuleDialog draft={ruleFrom(detail)} onClose={close} />}
        {open === "calls" && <AsCalls fault={detail.fault} onClose={close} />}
        {open === "erase" && <EraseDialog detail={detail} onClose={close} />}
      </Suspense>
    </>
  );
}
