import { PrunellaError, type OidcConfig } from "@prunella/contract";

/**
 * The secret that the provider knows this server by: from the environment, from a file, or as it stands there.
 * `read` answers the content of a file.
 */
export function oidcSecret(
  { client_secret: given, client_secret_file: file }: Pick<OidcConfig, "client_secret" | "client_secret_file">,
  environment: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string,
): string | null {
  if (given !== null && file !== null)
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: "oidc.client_secret and oidc.client_secret_file both stand there.",
    });
  if (file !== null) {
    try {
      return read(file).trim();
    } catch (cause) {
      throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
        detail: `oidc.client_secret_file: ${file} cannot be read.`,
        cause,
      });
    }
  }
  const name = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(given ?? "")?.[1];
  if (name === undefined) return given;
  const value = environment[name];
  if (value === undefined || value === "")
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: `oidc.client_secret: there is no ${name} in the environment.`,
    });
  return value;
}
