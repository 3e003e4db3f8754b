export { vercel } from "./probe.ts";
