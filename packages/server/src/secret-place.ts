import { PrunellaError, type SecretPlace } from "@prunella/contract";

export interface SecretPlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of a file, relative to the configuration. */
  readonly read: (path: string) => string;
}

/** @throws PRUNELLA_CONFIG_INVALID, with the key that names a place where nothing is */
export function readSecret(key: string, place: SecretPlace, { environment, read }: SecretPlaces): string {
  if ("env" in place) {
    const value = environment[place.env];
    if (value === undefined || value === "") throw invalid(`${key}: there is no ${place.env} in the environment.`);
    return value.trim();
  }
  let text: string;
  try {
    text = read(place.file).trim();
  } catch (cause) {
    throw invalid(`${key}: ${place.file} cannot be read.`, cause);
  }
  if (text === "") throw invalid(`${key}: ${place.file} is empty.`);
  return text;
}

const invalid = (detail: string, cause?: unknown) => new PrunellaError("PRUNELLA_CONFIG_INVALID", { detail, cause });
