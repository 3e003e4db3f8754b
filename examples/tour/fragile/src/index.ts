import { definePlugin } from "@prunella/plugin";

export default definePlugin({
  commands: {
    count(): Promise<{ carts: number }> {
      const port = 1024 + Math.floor(Math.random() * 60_000);
      return Promise.reject(new Error(`connect ECONNREFUSED 127.0.0.1:${port}: the database of carts is away`));
    },
  },
});
