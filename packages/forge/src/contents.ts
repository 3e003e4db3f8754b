import { z } from "zod";

/** As both hosts answer what is at a path: a file, or a folder as the list of what is in it, which is no file: null. */
export const Contents = z.union([
  // Of a file that is too large a host leaves the text out, and says another encoding.
  z
    .object({ type: z.literal("file"), sha: z.string(), encoding: z.literal("base64"), content: z.string() })
    .transform(({ content, sha }) => ({ text: Buffer.from(content, "base64").toString(), sha })),
  z.array(z.unknown()).transform(() => null),
]);

/**
 * Whether a path stays inside the repository that it is asked of. An address has no way to say `..` but to mean the
 * folder above, so that it would lead to another route of the host, or to another repository.
 */
export const isInside = (path: string): boolean => path.split("/").every((part) => !["", ".", ".."].includes(part));
