/**
 * What of a scope a request or a grant speaks of. Exact, but for two forms: `*` is everything of the scope, and an
 * address of the network covers what lies below its path. `$event.repo` is the repository that the event of the
 * invocation names; the host puts it in before anything is compared.
 */
export const EVERYTHING = "*";

const REPOSITORY = /^(?:\*|\$event\.repo|[A-Za-z0-9._-]{1,100}\/[A-Za-z0-9._-]{1,100})$/;
const WORD = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/;
const ADDRESS = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE) [a-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:\/[!-~]*)?$/;

/** What a resource of the scope looks like, in words; null: it is one. */
export function resourceMisfit(scope: string, resource: string): string | null {
  if (/^(?:forge|github):/.test(scope)) return REPOSITORY.test(resource) ? null : "owner/name, $event.repo or *";
  if (scope.startsWith("net:"))
    return ADDRESS.test(resource) ? null : "METHOD host[:port][/path], such as GET api.example.com/v1/";
  if (scope.startsWith("fs:")) return WORD.test(resource) ? null : "the name of a root, such as workspace";
  if (scope === "process:run") return resource.length > 0 && resource.length <= 1_000 ? null : "a command template";
  if (scope === "events:receive")
    return WORD.test(resource) ? null : "the name of an event, such as kernel.plugin_error";
  return resource === EVERYTHING ? null : "*: this scope has no parts";
}

/** Whether one of what was granted holds the resource of a call. */
export const covers = (scope: string, granted: readonly string[], resource: string): boolean =>
  granted.some((one) => one === EVERYTHING || one === resource || (scope.startsWith("net:") && isBelow(one, resource)));

/** `GET host/v1` holds `GET host/v1` and `GET host/v1/x`, never `GET host/v10` nor what climbs out of it. */
function isBelow(prefix: string, address: string): boolean {
  if (/\/\.\.?(?:[/?#]|$)|%2e|%2f|%5c|\\/i.test(address)) return false;
  const path = address.split(/[?#]/, 1)[0] ?? "";
  const bare = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  return path === bare || path.startsWith(`${bare}/`);
}

/** What of a list is not held by another: the widening that has to be asked for anew. */
export const beyond = (scope: string, granted: readonly string[], asked: readonly string[]): string[] =>
  asked.filter((one) => !covers(scope, granted, one));

/** Which system outside a call speaks to: a host, a forge's repository, a program; null: none. */
export function systemOf(scope: string, resource: string): string | null {
  if (scope.startsWith("net:")) return /^[A-Z]+ ([^/]+)/.exec(resource)?.[1] ?? null;
  if (/^(?:forge|github):/.test(scope)) return resource;
  return scope === "process:run" ? (resource.split(" ", 1)[0] ?? null) : null;
}
