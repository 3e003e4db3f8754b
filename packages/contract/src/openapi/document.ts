import { MAX_BODY, OPERATIONS, PAGE_HEADER, SESSION_COOKIE, type Operation, type Who } from "../operations/index.ts";
import { VERSION } from "../version.ts";
import { schemasOf, type JsonSchema, type Schemas } from "./schemas.ts";

type Json = Readonly<Record<string, unknown>>;

/** The table of operations as an OpenAPI 3.1 document. Names are those of the contract. */
export function openApiDocument(): Json {
  const schemas = schemasOf(OPERATIONS);
  const paths: Record<string, Record<string, Json>> = {};
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
    const path = operation.path.replace(/:([a-z_]+)/g, "{$1}");
    (paths[path] ??= {})[operation.method.toLowerCase()] = describe(id, operation, schemas);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Prunella operator API",
      version: VERSION,
      description:
        "Times are epoch milliseconds, all text is scrubbed. `x-effect` says what a call does: `read` changes nothing; `propose` says that something has happened, and Prunella judges what follows; `decide` is a person's choice; `act` cannot be taken back. `x-who` is the role that it takes, and `x-within` where. A later version may answer with more fields.",
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: schemas.components,
      responses: {
        Error: {
          description: "The status is that of the code in the catalogue of errors.",
          content: json({ $ref: "#/components/schemas/ApiError" }),
        },
      },
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The operator token of server.json in the data folder." },
        personal: {
          type: "http",
          scheme: "bearer",
          description: "A personal token: its person's roles, and the effects that it was made for.",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: SESSION_COOKIE,
          description: "Of a browser that opened a sign-in link. Requests other than GET come from the same origin.",
        },
        page: {
          type: "apiKey",
          in: "header",
          name: PAGE_HEADER,
          description:
            "What signing in gave to the page: it goes with the cookie, which other ports of the host get too.",
        },
      },
    },
  };
}

function describe(id: string, operation: Operation, schemas: Schemas): Json {
  const { params, query, body, output, streams, status, who, within, effect, summary } = operation;
  const parameters = [
    ...(params ? parametersOf(schemas.inline(params), "path") : []),
    ...(query ? parametersOf(schemas.inline(query), "query") : []),
  ];
  return {
    operationId: id,
    summary,
    "x-effect": effect,
    "x-who": who,
    "x-within": within,
    security: SECURITY[who],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? {
          requestBody: {
            required: true,
            description: `At most ${operation.max_body ?? MAX_BODY} bytes.`,
            content: json(schemas.use(body)),
          },
        }
      : {}),
    responses: {
      [status]:
        status === 204
          ? { description: summary }
          : {
              description: summary,
              content: streams
                ? { "text/event-stream": { schema: { type: "string" }, "x-data": schemas.use(output) } }
                : json(schemas.use(output)),
            },
      default: { $ref: "#/components/responses/Error" },
    },
  };
}

const ANY: readonly Json[] = [{ token: [] }, { personal: [] }, { session: [], page: [] }];
const SECURITY: Readonly<Record<Who, readonly Json[]>> = {
  anyone: [],
  signed_in: ANY,
  viewer: ANY,
  operator: ANY,
  owner: ANY,
  account: [{ session: [], page: [] }],
  token: [{ token: [] }],
};

const json = (schema: JsonSchema): Json => ({ "application/json": { schema } });

function parametersOf({ properties = {}, required = [] }: JsonSchema, place: "path" | "query"): Json[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema,
  }));
}
