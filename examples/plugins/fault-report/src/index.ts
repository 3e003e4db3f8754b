import { definePlugin } from "@prunella/plugin";
import { table } from "./table.ts";

export default definePlugin({
  commands: {
    async write({ file, limit }: { file: string; limit: number }, { faults, fs, log }) {
      const { faults: open } = await faults.list({ limit });
      log(`${open.length} open`);
      await fs.write("reports", file, `# Open faults\n\n${table(open)}`);
      return { file, faults: open.length };
    },
  },
});
