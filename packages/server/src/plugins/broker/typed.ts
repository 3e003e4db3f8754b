import type { z } from "zod";
import type { Method, MethodContext } from "./broker.ts";

/** A method by its name, with its parameters as they were read. */
export const typed = <Name extends string, Schema extends z.ZodType>(
  name: Name,
  schema: Schema,
  method: (params: z.infer<Schema>, context: MethodContext) => Promise<unknown>,
): [Name, Method] => [name, (params, context) => method(schema.parse(params), context)];
