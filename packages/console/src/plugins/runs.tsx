import type { PluginInvocation } from "@prunella/contract/plugins";
import { Ago } from "../parts/time.tsx";
import { actorWords } from "../parts/words.ts";

const SHOWN = 5;

const STATE: Readonly<Record<PluginInvocation["state"], { readonly words: string; readonly className: string }>> = {
  admitted: { words: "begins", className: "text-quiet" },
  parked: { words: "waits for a person", className: "text-quiet" },
  running: { words: "runs", className: "" },
  completed: { words: "✓ completed", className: "text-good" },
  failed: { words: "✗ failed", className: "text-bad" },
  blocked: { words: "blocked", className: "text-bad" },
};

/** Who had what done, by which artifact, held by what; what it used, whom it reached, and what came of it. */
export function Runs({ plugin, invocations }: { plugin: string; invocations: readonly PluginInvocation[] }) {
  return (
    <>
      <h3 className="mt-4 text-sm font-semibold">Last runs</h3>
      <ul aria-label={`What ${plugin} did`} className="text-sm">
        {invocations.slice(0, SHOWN).map((one) => (
          <Run key={one.id} one={one} />
        ))}
      </ul>
    </>
  );
}

function Run({ one }: { one: PluginInvocation }) {
  const { words, className } = STATE[one.state];
  const goesOn = one.ended_at === null;
  return (
    <li className="border-b border-line py-2 [overflow-wrap:anywhere]">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <code>{one.command}</code>
        <span className={className}>{words}</span>
        <span className="text-quiet">
          <Ago at={one.admitted_at} />
        </span>
      </p>
      {one.detail !== null && <p>{one.detail}</p>}
      {goesOn && one.progress !== null && <p>{one.progress}</p>}
      <p className="text-quiet">
        By {actorWords(one.by)} ({one.via}), digest <code>{one.digest.slice(7, 19)}</code>
        {one.engine !== null && `, held by ${one.engine}`}
        {one.audit_log_id !== null && `, ledger entry ${one.audit_log_id}`}
      </p>
      {one.calls.length > 0 && (
        <ul className="text-quiet">
          {one.calls.map(({ scope, allowed, refused, systems }) => (
            <li key={scope}>
              <code>{scope}</code>: {allowed} allowed, {refused} refused
              {systems.length > 0 && `; reached ${systems.join(", ")}`}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
