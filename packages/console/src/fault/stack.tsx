import type { ErrorValue, Event, Frame } from "@prunella/contract";
import { Fold } from "../parts/fold.tsx";
import { Icon } from "../parts/icon.tsx";
import { pieces, Untrusted, UntrustedBlock } from "../parts/untrusted.tsx";
import { plural } from "../parts/words.ts";
import { foldFrames, type Shown } from "./fold-frames.ts";

/** When no frame is marked as own code, the frames nearest to the crash stand open instead. */
const NEAREST = 3;

/** The thrown error first, its frames from the crash outwards, its causes nested below. */
export function Stack({ event }: { event: Event }) {
  if (event.errors.length === 0) {
    const text = event.stack_text ?? event.message;
    return text === null ? (
      <p className="text-quiet">This event carries no stack.</p>
    ) : (
      <UntrustedBlock text={text} label="Stack as it came" />
    );
  }
  const errors = event.errors.toReversed();
  return (
    <>
      {errors.length > 1 && <ChainLine errors={errors} />}
      {errors.map((error, index) => (
        <OneError key={index} error={error} index={index} of={errors.length} />
      ))}
      {event.stack_text !== null && (
        <Fold title="Text as it came">
          <UntrustedBlock text={event.stack_text} label="Stack as it came" />
        </Fold>
      )}
    </>
  );
}

const placeOf = (index: number) => `error-${index}`;

/** The whole chain in one line, so that its root is one press away however long the stacks between are. */
function ChainLine({ errors }: { errors: readonly ErrorValue[] }) {
  return (
    <nav aria-label="Chain of causes" className="mb-2 text-sm">
      <ol className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        {errors.map((error, index) => (
          <li key={index} className="flex min-w-0 items-baseline gap-2">
            {index > 0 && <span className="whitespace-nowrap text-quiet">← caused by</span>}
            <a
              href={`#${placeOf(index)}`}
              className="link min-w-0 [overflow-wrap:anywhere]"
              onClick={(event) => {
                event.preventDefault();
                const place = document.getElementById(placeOf(index));
                place?.scrollIntoView({ block: "start" });
                place?.focus({ preventScroll: true });
              }}
            >
              {index === errors.length - 1 ? "root cause: " : ""}
              <bdi className="font-mono">{pieces(error.type ?? "message")}</bdi>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** Causes stand below each other at one depth: a chain of twenty would leave no room to read at twenty. */
function OneError({ error, index, of }: { error: ErrorValue; index: number; of: number }) {
  return (
    <div id={placeOf(index)} tabIndex={-1} className={index === 0 ? "" : "mt-5 border-t border-line pt-3"}>
      {index > 0 && (
        <p className="section-title mb-1">{index === of - 1 ? "Root cause" : `Cause ${index} of ${of - 1}`}</p>
      )}
      <p className="font-mono text-sm [overflow-wrap:anywhere]">
        <bdi>
          <strong>{pieces(error.type ?? "message")}</strong>
          {error.value !== null && <span className="whitespace-pre-wrap">: {pieces(error.value)}</span>}
        </bdi>
      </p>
      {error.handled !== null && (
        <p className="text-sm text-quiet">{error.handled ? "caught by the program" : "not caught by the program"}</p>
      )}
      <Frames frames={error.frames.toReversed()} />
    </div>
  );
}

function Frames({ frames }: { frames: Frame[] }) {
  if (frames.length === 0) return <p className="mt-2 text-quiet">No frames came with this error.</p>;
  const marked = frames.some((frame) => frame.in_app === true);
  const runs: { own: boolean; shown: Shown[] }[] = [];
  for (const shown of foldFrames(frames)) {
    const own = shown.frames.some(({ frame, index }) => (marked ? frame.in_app === true : index < NEAREST));
    const last = runs.at(-1);
    if (last?.own === own) last.shown.push(shown);
    else runs.push({ own, shown: [shown] });
  }
  return (
    <ol className="mt-2 overflow-hidden rounded-md border border-line">
      {runs.map((run) =>
        run.own ? (
          run.shown.map((each) => <Repeated key={each.frames[0]?.index} shown={each} open />)
        ) : (
          <li key={run.shown[0]?.frames[0]?.index} className="border-b border-line last:border-b-0">
            <details className="group">
              <summary className="flex items-center gap-1 bg-sunk px-2 py-1.5 text-sm text-quiet -outline-offset-2">
                <Icon name="chevron" size={14} className="transition-transform group-open:rotate-90" />
                {plural(
                  run.shown.reduce((sum, { frames: each, times }) => sum + each.length * times, 0),
                  "frame",
                )}{" "}
                outside the program’s own code
              </summary>
              <ol className="border-t border-line">
                {run.shown.map((each) => (
                  <Repeated key={each.frames[0]?.index} shown={each} open={false} />
                ))}
              </ol>
            </details>
          </li>
        ),
      )}
    </ol>
  );
}

/** What stands there many times in a row is shown once, with how often. */
function Repeated({ shown: { frames, times }, open }: { shown: Shown; open: boolean }) {
  const own = frames.map(({ frame, index }) => <OneFrame key={index} frame={frame} open={open} />);
  if (times === 1) return own;
  return (
    <li className="border-b border-line last:border-b-0">
      <ol>{own}</ol>
      <p className="border-t border-line bg-sunk px-2 py-1 pl-6.5 text-sm text-quiet">
        … {frames.length === 1 ? "this frame" : `these ${frames.length} frames`}{" "}
        <strong className="font-semibold text-ink">{times.toLocaleString("en")} times</strong> in a row
      </p>
    </li>
  );
}

function OneFrame({ frame, open }: { frame: Frame; open: boolean }) {
  const place = [frame.filename ?? frame.module ?? "unknown file", frame.line, frame.column]
    .filter((part) => part !== null)
    .join(":");
  const head = (
    <span className="min-w-0 [overflow-wrap:anywhere]">
      <span className="text-sm">
        <Untrusted text={frame.function ?? "anonymous"} />
      </span>{" "}
      <span className="text-xs text-quiet">
        <Untrusted text={place} />
      </span>
    </span>
  );
  if (frame.context_line === null)
    return <li className="border-b border-line px-2 py-1.5 pl-6.5 last:border-b-0">{head}</li>;
  return (
    <li className="border-b border-line last:border-b-0">
      <details className="group/frame" open={open}>
        <summary className="flex items-center gap-1 px-2 py-1.5 -outline-offset-2 hover:bg-sunk">
          <Icon name="chevron" size={14} className="text-quiet transition-transform group-open/frame:rotate-90" />
          {head}
        </summary>
        <Source frame={frame} line={frame.context_line} />
      </details>
    </li>
  );
}

function Source({ frame, line }: { frame: Frame; line: string }) {
  const firstNumber = frame.line === null ? null : frame.line - frame.pre_context.length;
  const lines = [...frame.pre_context, line, ...frame.post_context];
  return (
    <div
      className="overflow-x-auto border-t border-line bg-sunk py-1 font-mono text-xs"
      tabIndex={0}
      role="region"
      aria-label={`Source around line ${frame.line ?? "unknown"}`}
    >
      <div className="w-max min-w-full">
        {lines.map((text, index) => {
          const here = index === frame.pre_context.length;
          return (
            <div key={index} className={`flex whitespace-pre leading-5 ${here ? "bg-line" : ""}`}>
              <span className="w-14 shrink-0 select-none pr-3 text-right text-quiet">
                {here && <span>▸ </span>}
                {firstNumber === null ? "" : firstNumber + index}
              </span>
              <bdi className="pr-4">{pieces(text)}</bdi>
            </div>
          );
        })}
      </div>
    </div>
  );
}
