/** The last 8 digits of a UUIDv7 are random; ids made in one minute begin alike. The server accepts them. */
export const shortId = (id: string): string => id.slice(-8);

/** Whether what a person typed stands for this id: its beginning or end, or the beginning of what tables show. */
export const meansId = (typed: string, id: string): boolean =>
  id.startsWith(typed) || id.endsWith(typed) || shortId(id).startsWith(typed);
