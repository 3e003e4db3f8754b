import { useState } from "react";
import type { Project } from "@prunella/contract";
import { ApiFailure, call } from "../api/client.ts";
import { useSpoken } from "../parts/command.tsx";
import { CopyBlock } from "../parts/copy-block.tsx";
import { Does } from "../parts/does.tsx";
import { toast } from "../shell/toasts.tsx";

const LANGUAGES = ["Node", "Browser", "Python", "Any program"] as const;
type Language = (typeof LANGUAGES)[number];

/** An Inbox that never had a fault teaches how to get one. */
export function EmptyInbox({ project }: { project: Project }) {
  const say = useSpoken();
  const [language, setLanguage] = useState<Language>("Node");
  const [sending, setSending] = useState(false);
  const send = async () => {
    setSending(true);
    try {
      await call("POST /v1/test-event", { project: project.id });
      toast("Test event sent. It appears here in a moment.");
    } catch (error) {
      toast(`The test event was not taken. ${error instanceof ApiFailure ? error.message : ""}`, { bad: true });
    } finally {
      setSending(false);
    }
  };
  return (
    <div className="max-w-200 pb-12 pt-6">
      <h2 className="text-lg font-semibold">No faults yet</h2>
      <p className="mt-1 text-quiet">
        Any Sentry SDK can report to this address. Project <code>{project.id}</code>:
      </p>
      <div className="mt-2">
        <CopyBlock text={project.dsn} label="DSN" />
      </div>
      <div role="tablist" aria-label="Language" className="takes-keys mt-6 flex flex-wrap gap-1 border-b border-line">
        {LANGUAGES.map((each, index) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`tab-${index}`}
            aria-selected={each === language}
            aria-controls="snippet"
            tabIndex={each === language ? 0 : -1}
            className="-mb-px border-b-2 border-transparent px-3 py-1.5 text-sm text-quiet hover:text-ink aria-selected:border-accent aria-selected:font-semibold aria-selected:text-accent"
            onClick={() => setLanguage(each)}
            onKeyDown={(event) => {
              const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? LANGUAGES.length - 1 : 0;
              const next = LANGUAGES[(index + step) % LANGUAGES.length];
              if (step === 0 || next === undefined) return;
              setLanguage(next);
              document.getElementById(`tab-${(index + step) % LANGUAGES.length}`)?.focus();
            }}
          >
            {each}
          </button>
        ))}
      </div>
      <div id="snippet" role="tabpanel" aria-label={language} className="mt-3 min-h-44">
        <CopyBlock text={say(snippet(language, project.dsn))} label={`snippet for ${language}`} />
      </div>
      <p className="mt-2 flex flex-wrap items-center gap-3">
        <Does
          route="POST /v1/test-event"
          project={project.id}
          className="button button-primary"
          disabled={sending}
          onClick={() => void send()}
        >
          Send a test event
        </Does>
        <span className="text-quiet">It is taken in like a real one.</span>
      </p>
    </div>
  );
}

function snippet(language: Language, dsn: string): string {
  switch (language) {
    case "Node":
      return `// npm install @sentry/node\nimport * as Sentry from "@sentry/node";\n\nSentry.init({ dsn: "${dsn}" });\n\n// then anywhere\nSentry.captureException(new Error("hello from node"));`;
    case "Browser":
      return `// npm install @sentry/browser\nimport * as Sentry from "@sentry/browser";\n\nSentry.init({ dsn: "${dsn}" });\n\n// then anywhere\nSentry.captureException(new Error("hello from a browser"));`;
    case "Python":
      return `# pip install sentry-sdk\nimport sentry_sdk\n\nsentry_sdk.init(dsn="${dsn}")\n\n# then anywhere\nsentry_sdk.capture_exception(ValueError("hello from python"))`;
    case "Any program":
      return `# no SDK: Prunella watches the program, keeps its last words,\n# and restarts it inside a budget\nprunella run --name my-service -- ./my-service --port 8080`;
  }
}
