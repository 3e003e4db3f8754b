import type { DeliveryState, Level, MessageKind } from "@prunella/contract";

/** Rows of what people are told, as both engines return them. */
export interface NotifyTables {
  /** What people are to be told. `routed_at`: when it was known which channels it goes to; null until then. */
  notify_outbox: {
    project_id: string;
    message_id: string;
    kind: MessageKind;
    /** The id of what it speaks of. */
    subject: string;
    level: Level;
    told_at: number;
    routed_at: number | null;
  };
  /** One message on one channel. `within`: the digest that told it. */
  notify_delivery: {
    project_id: string;
    message_id: string;
    channel: string;
    kind: MessageKind | "digest";
    subject: string;
    level: Level;
    state: DeliveryState;
    told_at: number;
    due_at: number;
    sent_at: number | null;
    tries: number;
    error: string | null;
    within: string | null;
  };
  /** Messages of a channel within one hour of the clock. */
  notify_hour: { channel: string; hour: number; used: number };
}
