export { OPERATOR, SYSTEM } from "./actors.ts";
export type { SignedInAs } from "./access/access.ts";
export { EVERYTHING, isAtLeast, projectsWith, roleIn, toRoles, type Rights } from "./access/rights.ts";
export type { Whence } from "./access/sessions.ts";
export { createIds, type NewId } from "./ids.ts";
export { createDoorKernel, type DoorKernel } from "./door-kernel.ts";
export { knownRemedies, type KernelDeps } from "./assembly/deps.ts";
export { createKernel, type Kernel } from "./kernel.ts";
export type { CommentPlace, HeldComment } from "./filings/comments.ts";
export type { Draft, Held } from "./filings/filings.ts";
export type { Calendar, Clock, Log, Meter, Rng } from "./ports.ts";
export { createTicketRedeemer, Permit, ticketBytes, type Redeemed, type Redeemer, type Ticket } from "./gate/permit.ts";
export { enableEnv, type EnvelopeSwitches } from "./gate/envelope-book.ts";
export { configuredId } from "./gate/grants.ts";
export type { Conversation, Converse } from "./investigations/converse.ts";
export { INVESTIGATOR } from "./investigations/investigations.ts";
export { promptOf, TOOLS, toolTable } from "./investigations/tools.ts";
export type { Observation, Remedy, RemedyWords, Verified } from "./gate/remedy.ts";
export { assertTrigger } from "./triggers/registry.ts";
export { assertWindow } from "./gate/windows.ts";
export { appendLedger, readEntries, readHead } from "./ledger/append.ts";
export { decodeEntry } from "./ledger/entry.ts";
export { openCheckpoint } from "./ledger/checkpoint.ts";
export { cosignaturesOf, cosignedAt, parseWitnessVkey, witnessVkeyOf } from "./ledger/cosignature.ts";
export { checkKept, formatKept, parseKept, treeOf, type Kept } from "./ledger/kept.ts";
export {
  formatSignatureLine,
  isBy,
  parseNote,
  parseSignatureLine,
  parseVkey,
  vkeyOf,
  type Signer,
  type Verifier,
} from "./ledger/note.ts";
export { beginLedger, readGenesis, type Genesis } from "./ledger/genesis.ts";
export { publish, publishedSize } from "./ledger/publish.ts";
export { readTile } from "./ledger/superseded.ts";
export type { TileReader, TileWriter } from "./ledger/tiles.ts";
export { hashesFromTiles } from "./ledger/tile-hashes.ts";
export { consistencyProof } from "./ledger/tree-proof.ts";
export { verifyLedger } from "./ledger/verify.ts";
export { compareRows } from "./ledger/verify-rows.ts";
export type { Witnessed } from "./ledger/witness.ts";
export { formatWitnessRequest } from "./ledger/witness-request.ts";
export { assertSchedule } from "./heartbeats/heartbeats.ts";
export type { Adopted } from "./plugins/adopting.ts";
export type { Authorize, BrokerCall, BrokerDenial, BrokerVerdict, Waiting } from "./plugins/call.ts";
export type { TellPlugins } from "./plugins/events.ts";
export type { Taken } from "./plugins/handing.ts";
export type { KeptDelivery } from "./plugins/kept-deliveries.ts";
export type { Once } from "./plugins/seen.ts";
export type { NewArtifact } from "./plugins/installing.ts";
export type { Admission, InvocationEnd } from "./plugins/invocations.ts";
export type { Plugins } from "./plugins/plugins.ts";
export type { Known, PluginTableRow } from "./plugins/row.ts";
export type { Barred } from "./plugins/standing.ts";
export type { ExportedState, StateOf } from "./plugins/state.ts";
export { checkProbes } from "./probes/probes.ts";
export type { CheckIn } from "./heartbeats/check-in.ts";
export type { Deploy, Release } from "./releases/releases.ts";
export { TRIAGE_GRANT } from "./promotions/look.ts";
export type { FiledIssue, IssuePort, Issuing, Told } from "./promotions/port.ts";
export { PROMOTE_ISSUE, TRIAGE_ISSUE } from "./promotions/remedies.ts";
export { RETENTION_REASONS } from "./retention/policy.ts";
export { createRetention } from "./retention/retention.ts";
export { dropLease, takeLease } from "./nodes/lease.ts";
export { NotOnDisk, type Channel, type Engine, type Turn, type Tx } from "./store/engine.ts";
export { goDirect, type Direct } from "./store/rows.ts";
export type { Tables } from "./store/tables.ts";
export { migrate, migrationState, type MigrationState } from "./store/migrate.ts";
export type { Channels, ChannelSpec, Sent } from "./notify/channels.ts";
export { createWriter, type Writer } from "./store/writer.ts";
