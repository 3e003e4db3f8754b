/** The last 8 digits of a UUIDv7 are random; ids made in one minute begin alike. The server accepts them. */
export const shortId = (id: string): string => id.slice(-8);
