import { DOORS } from "../index.ts";
import { runDoors } from "./run.ts";
import { troubleDoor } from "./trouble-fixture.ts";

await runDoors([troubleDoor, ...DOORS]);
