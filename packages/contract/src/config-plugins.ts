import { z } from "zod";
import { PluginName } from "./plugins/names.ts";

/** Installing and granting are no configuration; this is about the machine. */
export const PluginsConfig = z
  .strictObject({
    engine: z.enum(["deno", "node"]).default("deno").meta({
      description: "What runs them. node is no boundary by itself, and runs inside the second layer alone.",
    }),
    os_layer: z.enum(["required", "preferred", "off"]).default("preferred").meta({
      description:
        "The second layer around it, bubblewrap and limits of the kernel. `preferred`: without it where the machine has none, which `prunella doctor` and the log say; process templates, which need it, are refused there.",
    }),
    roots: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_-]{0,47}$/, "the name of a root, such as workspace"),
        z.string().min(1).max(4_000),
      )
      .default({})
      .meta({
        description:
          "Folders that plugins may be granted, by the name that they ask for; relative to the configuration file.",
      }),
    settings: z
      .record(PluginName, z.record(z.string().max(100), z.json()))
      .default({})
      .meta({
        description:
          "What plugins are set to, by name: the fields that the `config` of each one's manifest has. They reach its code, so no secret belongs here.",
      }),
  })
  .superRefine(({ engine, os_layer: layer }, context) => {
    if (engine === "node" && layer === "off")
      context.addIssue({
        code: "custom",
        path: ["os_layer"],
        message: "required or preferred: node is no boundary by itself",
      });
  });
export type PluginsConfig = z.infer<typeof PluginsConfig>;
