import { Fragment } from "react";
import type { RuleCondition } from "@prunella/contract";
import { pieces } from "../parts/untrusted.tsx";
import { FIELDS } from "./pattern.ts";

/** A rule's conditions as a sentence: "class is X and message is Y". */
export function RuleWords({ when }: { when: RuleCondition }) {
  const given = FIELDS.flatMap(({ name, word }) => (when[name] === undefined ? [] : [{ word, pattern: when[name] }]));
  return (
    <>
      {given.map(({ word, pattern }, index) => (
        <Fragment key={word}>
          {index > 0 && " and "}
          {word} is <code className="[overflow-wrap:anywhere]">{pieces(pattern)}</code>
        </Fragment>
      ))}
    </>
  );
}
