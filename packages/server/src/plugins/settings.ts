import { misfits, withDefaults, type PluginManifest } from "@prunella/contract/plugins";

/** What an operator set for a plugin, or what of it does not fit what the plugin says that it takes. */
export function settingsOf(
  manifest: Pick<PluginManifest, "config">,
  name: string,
  given: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): { readonly settings: Record<string, unknown>; readonly wrong: string | null } {
  const own = Object.hasOwn(given, name) ? (given[name] ?? {}) : {};
  const settings = withDefaults(manifest.config, own);
  const [wrong] = misfits(manifest.config, settings);
  return {
    settings,
    wrong:
      wrong === undefined
        ? null
        : `The configuration's plugins.settings.${name}.${wrong.path}: expected ${wrong.expected}.`,
  };
}
