import { isBotEcho, type CommentFacts } from "./comments.ts";
import { ownerOf, readSlashCommand } from "./commands.ts";
import type { PluginSettings } from "./config/read.ts";
import { covers, isOfWorkflows } from "./events.ts";
import type { PluginIdentifier } from "./identifier.ts";
import type { UbiquityManifest } from "./manifest.ts";

export interface ReadyPlugin {
  readonly id: string;
  readonly plugin: PluginIdentifier;
  readonly settings: PluginSettings;
  readonly manifest: UbiquityManifest;
}

/** What came in, as far as it decides who is asked. */
export interface Happening {
  /** `issue_comment.created`. */
  readonly event: string;
  readonly repo: string | null;
  readonly isByBot: boolean;
  readonly comment: CommentFacts | null;
}

/** Plugins and repositories for which the host lets the events of workflows through. Empty lists let none. */
export interface WorkflowAllowlist {
  readonly plugins: readonly string[];
  readonly repos: readonly string[];
}

export interface Route<P extends ReadyPlugin> {
  readonly plugins: readonly P[];
  /** `/help`, which the kernel answers itself. */
  readonly isHelp: boolean;
}

/** Who gets an event: those that listen to it, and of a slash command its owner alone. */
export function route<P extends ReadyPlugin>(of: Happening, plugins: readonly P[], allow: WorkflowAllowlist): Route<P> {
  if (of.comment !== null && isBotEcho(of.comment)) return NOBODY;
  const heard = plugins.filter((plugin) => hears(plugin, of, allow));
  const command = of.comment === null || !isNewComment(of.event) ? null : readSlashCommand(of.comment.body);
  if (command === null) return { plugins: heard, isHelp: false };
  if (command.name === "help") return { plugins: [], isHelp: !of.isByBot };
  const owner = ownerOf(command.name, plugins);
  return { plugins: owner === null || (of.isByBot && skipsBots(owner)) ? [] : [owner], isHelp: false };
}

const NOBODY = { plugins: [], isHelp: false };

const isNewComment = (event: string) =>
  event === "issue_comment.created" || event === "pull_request_review_comment.created";

function hears(plugin: ReadyPlugin, of: Happening, allow: WorkflowAllowlist): boolean {
  const listeners = plugin.settings.runsOn.length > 0 ? plugin.settings.runsOn : plugin.manifest["ubiquity:listeners"];
  if (!listeners.some((listener) => covers(listener, of.event))) return false;
  if (of.isByBot && skipsBots(plugin)) return false;
  if (!isOfWorkflows(of.event)) return true;
  return allow.plugins.includes(plugin.id) && of.repo !== null && allow.repos.includes(of.repo);
}

const skipsBots = ({ settings, manifest }: ReadyPlugin) => settings.skipBotEvents ?? manifest.skipBotEvents;
