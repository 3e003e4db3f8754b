/**
 * Libraries that call into a program or are called by it, and are hardly ever what somebody runs: clients of
 * databases, queues and networks, of clouds and of Android. Own frames come before theirs; where all
 * are theirs, they decide.
 */
const LIBRARIES: ReadonlyMap<string, RegExp | null> = new Map([
  ["okhttp3", null],
  ["okio", null],
  ["retrofit2", null],
  ["dagger", null],
  ["coil", null],
  ["feign", null],
  ["redis", /^redis\.clients\./],
  ["oracle", /^oracle\.(?:jdbc|net|ucp)\./],
  ["software", /^software\.amazon\./],
  ["liquibase", null],
  [
    "com",
    /^com\.(?:squareup|bumptech|mysql|mongodb|zaxxer\.hikari|rabbitmq|netflix|amazonaws|azure|datastax|microsoft\.sqlserver|facebook\.(?:react|hermes|soloader|jni|fresco)|google\.(?:android|firebase|common|inject|cloud|api|accompanist))\./,
  ],
  ["io", /^io\.(?:grpc|lettuce|ktor|micrometer|jsonwebtoken|reactivex|realm|coil)\./],
  [
    "org",
    /^org\.(?:postgresql|h2|mariadb|flywaydb|redisson|quartz|thymeleaf|jooq|koin|apache\.(?:kafka|http|hc|zookeeper|pulsar))\./,
  ],
]);

export function isJvmLibrary(type: string): boolean {
  const dot = type.indexOf(".");
  if (dot < 0) return false;
  const rule = LIBRARIES.get(type.slice(0, dot));
  return rule === null || rule?.test(type) === true;
}
