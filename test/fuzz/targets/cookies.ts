import { PAGE_HEADER, SESSION_COOKIE } from "@prunella/contract/operations";
import { authenticate } from "../../../packages/server/src/http/auth.ts";
import { allowLateRefusal, BrokenPromise, type Target } from "../target.ts";

const DEPS = { token: "the operator's own token", linkSignIn: true };

export const cookiesTarget: Target = {
  name: "cookies",
  corpus: () => [
    `__Host-${SESSION_COOKIE}=abcd; ${SESSION_COOKIE}=ef\nhalf\nBearer wrong\nhttps://a.example`,
    `${SESSION_COOKIE}=a=b;;=; x\nhalf\n\nnull`,
  ],
  words: [SESSION_COOKIE, "__Host-", ";", "=", "Bearer ", "\n"],
  async run(bytes) {
    const [cookie = "", half = "", authorization = "", origin = ""] = bytes.toString("latin1").split("\n");
    const headers = new Headers();
    for (const [name, value] of Object.entries({ cookie, [PAGE_HEADER]: half, authorization, origin }))
      // Node's HTTP parser lets through nothing else.
      if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) headers.set(name, value);
    let asked: string | null = null;
    const kernel = {
      access: {
        whoHas: (session: string) => {
          asked = session;
          return Promise.resolve(null);
        },
        whoseToken: (secret: string) => {
          asked = secret;
          return Promise.resolve(null);
        },
      },
    };
    for (const method of ["GET", "POST"]) {
      const request = new Request("http://127.0.0.1/v1/faults", { method, headers });
      const caller = await allowLateRefusal(() => authenticate(request, kernel, DEPS));
      if (caller !== undefined) throw new BrokenPromise(`it let in ${caller.kind} for ${String(asked)}`);
    }
  },
};
