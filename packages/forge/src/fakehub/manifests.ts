import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { Context, Hono } from "hono";
import { z } from "zod";
import type { FakeState } from "./state.ts";

interface Tools {
  readonly state: FakeState;
  document(name: string, known: unknown): unknown;
  no(context: Context, status: 401 | 403 | 404 | 422, message: string): Response;
}

const Manifest = z.looseObject({
  name: z.string(),
  redirect_url: z.string(),
  hook_attributes: z.object({ url: z.string() }),
  default_permissions: z.record(z.string(), z.string()),
});

/** The page on which a person says yes to an App (here at once), and the route that gives it for the code. */
export function mountManifests(app: Hono, { state, document, no }: Tools): void {
  const waiting = new Map<string, z.infer<typeof Manifest>>();

  app.post("/settings/apps/new", async (context) => {
    const { manifest: sent } = await context.req.parseBody();
    const manifest = Manifest.parse(JSON.parse(typeof sent === "string" ? sent : ""));
    const code = randomBytes(12).toString("hex");
    waiting.set(code, manifest);
    const state = context.req.query("state") ?? "";
    return context.redirect(`${manifest.redirect_url}?code=${code}&state=${encodeURIComponent(state)}`);
  });

  app.post("/app-manifests/:code/conversions", (context) => {
    const manifest = waiting.get(context.req.param("code"));
    if (manifest === undefined) return no(context, 404, "Not Found");
    waiting.delete(context.req.param("code"));
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const id = (state.nextId += 1);
    const slug = manifest.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    const permissions = { ...manifest.default_permissions, ...state.morePermissions };
    const installed = {
      installationId: id,
      permissions,
      repos: new Set<string>(),
      hookUrl: manifest.hook_attributes.url,
    };
    state.apps.push({ id: String(id), slug, publicKey, ...installed });
    const known = {
      id,
      slug,
      name: manifest.name,
      permissions,
      events: [],
      html_url: `http://fakehub.invalid/apps/${slug}`,
      owner: { login: "acme", id: 1, type: "Organization" },
    };
    const secrets = {
      client_id: "Iv1.fakehub",
      client_secret: randomBytes(20).toString("hex"),
      webhook_secret: randomBytes(20).toString("hex"),
      pem: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    };
    return context.json({ ...Object(document("integration", known)), ...secrets }, 201);
  });
}
