import { DOORS } from "../index.ts";
import { runDoors } from "./run.ts";

await runDoors(DOORS);
