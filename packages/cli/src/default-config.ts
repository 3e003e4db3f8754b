/** Read from the folder that a command is started in, when it is there. */
export const DEFAULT_CONFIG = "prunella.yaml";
