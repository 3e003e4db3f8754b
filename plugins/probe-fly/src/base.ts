/** Where the Machines API answers (fly.io/docs/machines/api/working-with-machines-api). */
export const BASE = "https://api.machines.dev";
