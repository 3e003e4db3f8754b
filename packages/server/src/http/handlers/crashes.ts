import { PrunellaError } from "@prunella/contract";
import type { CRASHES } from "@prunella/contract/operations";
import type { Kernel } from "@prunella/kernel";
import type { Handlers } from "../handler.ts";

type Said = Parameters<Kernel["promotions"]["say"]>[1];

export const crashes: Handlers<typeof CRASHES> = {
  crash_stats: async ({ project, limit }, { kernel, sees }) => ({
    is_on: kernel.promotions.isOn(),
    faults: await kernel.promotions.list({ projects: project === undefined ? sees : [project], limit }),
  }),
  read_promotion: async ({ id }, { kernel }) => kernel.promotions.read(await kernel.faults.resolve(id)),
  promote_fault: async ({ id: typed, ...given }, { kernel, by }) => {
    const id = await kernel.faults.resolve(typed);
    const came = await kernel.promotions.say(id, saidIn(given), by);
    return { ...came, promotion: await kernel.promotions.read(id) };
  },
};

function saidIn(given: {
  readonly do: Said["do"];
  readonly sha256?: string | undefined;
  readonly release?: string | undefined;
  readonly pull?: string | undefined;
}): Said {
  const isFix = given.do === "fixed";
  if (!isFix && (given.release !== undefined || given.pull !== undefined))
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: "A release and its pull request belong to `fixed`.",
    });
  if (given.do !== "promote" && given.sha256 !== undefined)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "A draft belongs to `promote`." });
  switch (given.do) {
    case "promote":
      return { do: "promote", sha256: given.sha256 ?? null };
    case "fixed":
      if (given.release === undefined)
        throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "Name the release that should mend it." });
      return { do: "fixed", release: given.release, pull: given.pull ?? null };
    case "file":
    case "confirm":
    case "refuse":
      return { do: given.do };
  }
}
