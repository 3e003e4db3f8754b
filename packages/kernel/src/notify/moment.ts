const SHOWN = new Intl.DateTimeFormat("sv-SE", { timeZone: "UTC", dateStyle: "short", timeStyle: "medium" });

/** `2026-11-21 08:00:00 UTC`: what is told is read in many places. */
export const utcSecond = (at: number): string => `${SHOWN.format(at)} UTC`;
/** To the minute. */
export const utcMinute = (at: number): string => `${SHOWN.format(at).slice(0, 16)} UTC`;
