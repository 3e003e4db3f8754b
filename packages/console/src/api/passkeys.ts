/** The browser's side of passkeys. What it is asked and what it answers travel as they are. */
export const hasPasskeys = (): boolean =>
  typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

/** Browsers bind them to a name: under another one this page has none. */
export const isPasskeyPlace = (origin: string | null): boolean => origin === window.location.origin && hasPasskeys();

type Answer<T> = { readonly kind: "answered"; readonly answer: T } | { readonly kind: "refused" };

export async function makePasskey<T>(options: object): Promise<Answer<T>> {
  const question: PublicKeyCredentialCreationOptionsJSON = JSON.parse(JSON.stringify(options));
  return answered(
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) }),
  );
}

export async function usePasskey<T>(options: object): Promise<Answer<T>> {
  const question: PublicKeyCredentialRequestOptionsJSON = JSON.parse(JSON.stringify(options));
  return answered(navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) }));
}

/** A person who closes the browser's question has changed their mind; that is no failure. */
async function answered<T>(asking: Promise<Credential | null>): Promise<Answer<T>> {
  try {
    const credential = await asking;
    if (!(credential instanceof PublicKeyCredential)) return { kind: "refused" };
    const answer: T = JSON.parse(JSON.stringify(credential.toJSON()));
    return { kind: "answered", answer };
  } catch (error) {
    if (error instanceof DOMException) return { kind: "refused" };
    throw error;
  }
}
