/**
 * Frames of the SDKs that send events: whatever an SDK calls itself while it catches one, all events
 * share. By file where it ships as a dependency, by module or function where it is linked in.
 */
export function isSdk(name: string | null, filename: string | null, module: string | null): boolean {
  return (
    (filename !== null && /[sS]entry/.test(filename) && FILES.test(filename)) ||
    (module !== null && /[sS]entry/.test(module) && isSdkModule(module)) ||
    (name !== null && /[sS]entry/.test(name) && FUNCTIONS.test(name))
  );
}

const FILES =
  /[\\/]node_modules[\\/](?:\.pnpm[\\/])?@sentry(?:-internal)?[\\/+]|[\\/]sentry_sdk[\\/]|[\\/]gems[\\/]sentry-|[\\/]vendor[\\/]sentry[\\/]|[\\/]getsentry[\\/]sentry-go|^package:sentry|[\\/]deps[\\/]sentry[\\/]|[\\/]sentry-(?:core|panic|backtrace|anyhow|tracing|log|tower|actix|contexts|debug-images|types|native|cocoa)-\d|browser\.sentry-cdn\.com[\\/]/;

/**
 * Java's SDK keeps its classes in `io.sentry` itself and in these packages; anybody may have others
 * below it, and a program that is called so keeps its own frames.
 */
const JAVA =
  /^io\.sentry\.(?:[A-Z]|(?:android\.(?:core|ndk|fragment|navigation|okhttp|timber|sqlite|replay|distribution)|apache|apollo\d?|backpressure|cache|clientreport|compose|config|connection|connectivity|context|dsn|event|exception|featureflags|graphql\w*|hints|instrumentation|internal|jdbc|jul|kotlin|log4j2?|logback|logger|marshaller|metrics|ndk|okhttp|openfeign|opentelemetry|profilemeasurements|profiling|protocol|quartz|reactor|rrweb|servlet|spring|transport|util|vendor)\.)/;

/** Exported for the parser, which knows the rest of the JVM's machinery. */
export function isSdkModule(module: string): boolean {
  if (module.startsWith("io.sentry.")) return JAVA.test(module);
  return /^(?:@sentry(?:-internal)?[./]|sentry_sdk(?:\.|$)|Sentry\.(?!Samples?\.)|Sentry$|Elixir\.Sentry\b|github\.com\/getsentry\/sentry-go|sentry_\w+::|sentry::)/.test(
    module,
  );
}

/** Rust's closures and trait impls carry the SDK's crate inside, some builds with its hash; C, Cocoa, PHP, Ruby, Go and Elixir name it in front. */
const FUNCTIONS =
  /^(?:<?(?:dyn |&|mut )*sentry(?:_(?:panic|core|backtrace|anyhow|tracing|log|slog|tower|actix|contexts|debug_images|opentelemetry|types))?(?:\[[0-9a-f]{10,16}\])?::|<.{1,300} as sentry(?:_\w{1,30})?(?:\[[0-9a-f]{10,16}\])?::|sentry__?[a-z]\w*(?:$|\()|[-+]\[(?:Sentry(?:SDK|Hub|Client|Crash|Hook|Serial|Stacktrace|Thread|Dispatch)\w*|PrivateSentry\w*)|Sentry(?:Crash|SDK|Hub|Client)\w*[.:(]|Sentry\\|Sentry(?:::|\.)(?!Samples?\b)|sentryWrapped$|github\.com\/getsentry\/sentry-go)/;
