import { OPERATIONS, type Operation } from "@prunella/contract/operations";
import { ROUTES } from "../../packages/server/src/doors/releases/routes.ts";

export interface RouteUnderAttack {
  readonly method: string;
  readonly path: string;
}

const route = (method: string, path: string): RouteUnderAttack => ({ method, path });

/** The operator API, from its table: what stands there is driven here without anybody thinking of it. */
const operations = Object.values<Operation>(OPERATIONS).map(({ method, path }) =>
  route(method, path.replace(/:\w+/g, "x")),
);

/** An address for each pattern of the door for build tools. */
const releases = ROUTES.map(({ method, path }) => {
  const example = path.source
    .replaceAll("\\/", "/")
    .replace(/^\^|\$$/g, "")
    .replace(/\(\?:([^()|]*(?:\([^()]*\)[^()|]*)*)\|.*?\)(?=\/releases)/, "$1")
    .replace(/\(\?<\w+>\[\^\/\]\{1,\d+\}\)/g, "x")
    .replace(/\[\^\/\]\{1,\d+\}/g, "x");
  if (!path.test(example)) throw new Error(`${example} is no address of ${path.source}`);
  return route(method, example);
});

/** Of the doors that a pattern of their own chooses, and of what stands beside both. */
const others = [
  ...["envelope", "store", "minidump", "unreal"].flatMap((word) => [
    route("POST", `/api/1/${word}/`),
    route("OPTIONS", `/api/1/${word}/`),
    route("GET", `/api/1/${word}/`),
  ]),
  route("POST", `/api/1/envelope/?sentry_key=${"0".repeat(32)}`),
  route("POST", "/api/x/store/"),
  route("POST", "/v1/crash"),
  route("OPTIONS", "/v1/crash"),
  route("GET", "/v1/crash"),
  route("POST", "/api/0/nothing"),
  route("GET", "/api"),
  route("PUT", "/v1/faults"),
  route("POST", "/v1/nothing"),
  route("GET", "/healthz"),
  route("POST", "/healthz"),
  route("GET", "/ledger/checkpoint"),
  route("GET", "/ledger/vkey"),
  route("POST", "/ledger/tile/0/000"),
  route("GET", "/ledger"),
  route("GET", "/witness/vkey"),
  route("POST", "/witness/add-checkpoint"),
  route("POST", "/witness/nothing"),
  route("GET", "/"),
  route("GET", "/assets/nothing.js"),
  route("POST", "/"),
  route("PATCH", "/nothing"),
  route("TRACE", "/"),
  route("HEAD", "/"),
];

/** Every address of the server with every method that it takes there, and some that it does not. */
export const EVERY_ROUTE: readonly RouteUnderAttack[] = [...operations, ...releases, ...others];
