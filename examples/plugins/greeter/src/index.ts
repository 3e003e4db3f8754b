import { definePlugin } from "@prunella/plugin";

export default definePlugin({
  commands: {
    async hi({ name }: { name: string }, { state }) {
      const key = `times/${name}`;
      const times = Number(await state.get(key)) + 1;
      await state.put(key, times);
      return { text: times === 1 ? `hi ${name}` : `hi again, ${name}`, times };
    },
  },
});
