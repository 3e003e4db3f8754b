/** Of this Prunella, as programs and people are told. */
export const VERSION = "0.1.0";
