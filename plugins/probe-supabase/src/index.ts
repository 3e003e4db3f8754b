export { supabase } from "./probe.ts";
