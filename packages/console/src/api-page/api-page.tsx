import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { openApiQuery } from "../api/queries.ts";
import { curlOf } from "../parts/command-words.ts";
import { CopyBlock } from "../parts/copy-block.tsx";
import { Field } from "../parts/field.tsx";
import { Fold } from "../parts/fold.tsx";
import { Nothing, Problem } from "../parts/problem.tsx";
import { Spelled } from "../parts/spelled.tsx";
import { useTitle } from "../shell/shell.tsx";
import { exampleOf, fits, type OperationRow, operationsOf } from "./operations.ts";

const EFFECTS: Readonly<Record<string, string>> = {
  read: "changes nothing",
  propose: "says that something has happened; Prunella judges what follows",
  decide: "a person’s choice",
  act: "cannot be taken back",
};

/** The operator API, for whoever writes a script: made of the document that the server itself gives out. */
export function ApiPage() {
  useTitle("API");
  const query = useQuery(openApiQuery);
  const [typed, setTyped] = useState("");
  const operations = operationsOf(query.data);
  const found = operations.filter((operation) => fits(operation, typed));
  return (
    <div className="page pb-12 pt-4">
      <h1 className="text-lg font-semibold">API</h1>
      <p className="mt-1 text-quiet">
        What the command and this console do goes over these addresses. The token stands in <code>server.json</code> of
        the data folder: put it into <code>PRUNELLA_TOKEN</code>, and the lines below run as they stand; words in
        capitals are yours to fill in. For programs:{" "}
        <a className="link" href="/v1/openapi.json">
          the OpenAPI document
        </a>
        .
      </p>
      {query.isError && (
        <Problem
          what="The list could not be fetched."
          error={query.error}
          works="The addresses answer as they did."
          onRetry={() => void query.refetch()}
        />
      )}
      {operations.length > 0 && (
        <div className="mt-3 max-w-120">
          <Field
            label="Find"
            type="search"
            hint={`Words of an address, a name or what it does; ${found.length} of ${operations.length} fit.`}
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        </div>
      )}
      {operations.length > 0 && found.length === 0 && (
        <Nothing title="No operation fits">Each word is looked for in the address, the name and the summary.</Nothing>
      )}
      <ul className="mt-3 border-t border-line">
        {found.map((operation) => (
          <Operation key={operation.id} operation={operation} />
        ))}
      </ul>
    </div>
  );
}

function Operation({ operation }: { operation: OperationRow }) {
  const { id, method, path, summary, effect, parameters, body } = operation;
  const query = parameters.filter(({ place }) => place === "query").map(({ name }) => name);
  return (
    <li className="border-b border-line py-3" id={id}>
      <h2 className="[overflow-wrap:anywhere]">
        <code className="font-semibold">
          {method} {path}
        </code>
      </h2>
      <p className="mt-0.5">
        <Spelled text={summary} />
      </p>
      <p className="mt-0.5 text-sm text-quiet">
        {id} · {EFFECTS[effect] ?? effect}
        {query.length > 0 && ` · query: ${query.join(", ")}`}
        {body !== null && body.length > 0 && ` · body: ${body.map(fieldWords).join(", ")}`}
      </p>
      <Fold title="As a command" className="mt-1 text-sm">
        <CopyBlock text={curlOf(exampleOf(operation), location.origin)} label={`call of ${id}`} />
      </Fold>
    </li>
  );
}

const fieldWords = ({ name, needed }: { name: string; needed: boolean }): string => (needed ? name : `${name}?`);
