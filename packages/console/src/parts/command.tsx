import { useQuery } from "@tanstack/react-query";
import type { InputOf, OperationAt, Route } from "@prunella/contract";
import { requestOf } from "@prunella/contract/request";
import { meQuery } from "../api/queries.ts";
import { CopyBlock } from "./copy-block.tsx";
import { curlOf, spoken } from "./command-words.ts";
import { Fold } from "./fold.tsx";

/** Texts that name commands as `prunella …`, as they can be typed where the server was started. */
export function useSpoken(): (text: string) => string {
  const { data } = useQuery(meQuery);
  return (text) => spoken(text, data?.command);
}

/** A command with the words behind its name, such as `stop shop`. */
export function Command({ words, label }: { words: string; label: string }) {
  const say = useSpoken();
  return <CopyBlock text={say(`prunella ${words}`)} label={label} />;
}

/** What a dialog is about to do, for whoever would rather script it: the command, and the call of the API. */
export function AsCommand<R extends Route>({
  words,
  route,
  input,
}: {
  /** Where there is a command for it. */
  words?: string;
  route: R;
  input: InputOf<OperationAt<R>>;
}) {
  return (
    <Fold title="As a command" className="mt-3 text-sm">
      <div className="grid gap-2">
        {words !== undefined && <Command words={words} label="the same in a terminal" />}
        <CopyBlock text={curlOf(requestOf(route, input), location.origin)} label="the same over the API" />
      </div>
    </Fold>
  );
}
