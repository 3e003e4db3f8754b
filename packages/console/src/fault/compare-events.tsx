import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Event, EventSample, FaultDetail } from "@prunella/contract";
import { sampleQuery } from "../api/queries.ts";
import { exact, useZone } from "../parts/time.tsx";
import { pieces } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";
import { align, pairUp, varying, type Word } from "./align.ts";
import { SideBySide, type SideRow } from "./side-by-side.tsx";
import { Fold } from "../parts/fold.tsx";

type Frame = Event["errors"][number]["frames"][number];

/** Two kept events beside each other: which frames are the same, and which parameters of the message vary. */
export function CompareEvents({ detail }: { detail: FaultDetail }) {
  const { samples } = detail;
  const zone = useZone();
  const [chosen, setChosen] = useState<[string | undefined, string | undefined]>([
    samples[0]?.event_id,
    samples.at(-1)?.event_id,
  ]);
  const left = useSample(detail, chosen[0]);
  const right = useSample(detail, chosen[1]);
  const pick = (label: string, place: 0 | 1) => (
    <label className="flex items-center gap-2">
      <span className="text-quiet">{label}</span>
      <select
        className="field min-w-0 py-0.5"
        value={chosen[place] ?? ""}
        onChange={({ target }) => setChosen(place === 0 ? [target.value, chosen[1]] : [chosen[0], target.value])}
      >
        {samples.map(({ event_id, received_at }) => (
          <option key={event_id} value={event_id} disabled={event_id === chosen[1 - place]}>
            {exact(received_at, zone)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Fold title="Compare two events">
      <div className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {pick("Event", 0)}
        {pick("with", 1)}
      </div>
      {left.failed || right.failed ? (
        <p className="mt-2 text-sm text-bad">One of the two could not be fetched; its body may be pruned by now.</p>
      ) : (
        left.sample !== undefined && right.sample !== undefined && <Both left={left.sample} right={right.sample} />
      )}
    </Fold>
  );
}

function useSample(detail: FaultDetail, id: string | undefined): { sample: EventSample | undefined; failed: boolean } {
  const own = detail.latest !== null && id === detail.latest.event_id;
  const query = useQuery({ ...sampleQuery(detail.fault.id, id ?? ""), enabled: !own && id !== undefined });
  return { sample: own ? (detail.latest ?? undefined) : query.data, failed: query.isError };
}

function Both({ left, right }: { left: EventSample; right: EventSample }) {
  const said = messagesOf(left.event, right.event);
  const frames = framesOf(left.event, right.event);
  const count = (mark: SideRow["mark"]) => frames.filter((row) => row.mark === mark).length;
  const moved = count("moved");
  const differing = count("differs");
  return (
    <div className="mt-2">
      <p className="text-sm" role="status">
        {said.every((row) => row.mark === "same")
          ? "They say the same. "
          : "What they say differs in the marked words. "}
        {frames.length === 0
          ? "Neither has frames."
          : `${plural(count("same") + moved, "frame is", "frames are")} the same${moved === 0 ? "" : `, ${moved} of them on another line`}; ${differing === 0 ? "none differs" : plural(differing, "differs", "differ")}.`}
      </p>
      <SideBySide label="What the two events say" left="one says" right="the other" rows={said} />
      {frames.length > 0 && (
        <SideBySide
          label="The frames of the two events"
          left="frames, newest call first"
          right="frames"
          rows={frames}
        />
      )}
    </div>
  );
}

function messagesOf(left: Event, right: Event): SideRow[] {
  const lines = (event: Event) =>
    event.errors.length > 0
      ? event.errors.toReversed().map((error) => [error.type, error.value].filter((part) => part !== null).join(": "))
      : [event.message ?? ""];
  const [a, b] = [lines(left), lines(right)];
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index): SideRow => {
    const [x, y] = [a[index] ?? null, b[index] ?? null];
    if (x === null || y === null) return { left: x, right: y, mark: "differs" };
    if (x === y) return { left: x, right: y, mark: "same" };
    const words = varying(x, y);
    return { left: <Words words={words.left} />, right: <Words words={words.right} />, mark: "differs" };
  });
}

function Words({ words }: { words: readonly Word[] }) {
  return words.map(({ text, varies }, index) =>
    varies ? (
      <mark key={index} className="rounded-sm bg-accent-wash text-accent underline underline-offset-3">
        {pieces(text)}
      </mark>
    ) : (
      <span key={index}>{pieces(text)}</span>
    ),
  );
}

function framesOf(left: Event, right: Event): SideRow[] {
  const own = (event: Event) => {
    const all = event.errors.toReversed().flatMap((error) => error.frames.toReversed());
    const inApp = all.filter((frame) => frame.in_app === true);
    return inApp.length > 0 ? inApp : all;
  };
  const name = (frame: Frame) => `${frame.function ?? "anonymous"} ${frame.filename ?? frame.module ?? ""}`;
  const place = (frame: Frame) => (frame.line === null ? name(frame) : `${name(frame)}:${frame.line}`);
  return pairUp(align(own(left), own(right), (a, b) => name(a) === name(b))).map(
    ({ left: a, right: b, same }): SideRow => ({
      left: a === null ? null : place(a),
      right: b === null ? null : place(b),
      mark: !same ? "differs" : a?.line === b?.line ? "same" : "moved",
    }),
  );
}
