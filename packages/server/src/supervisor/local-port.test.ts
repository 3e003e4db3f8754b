import { createLocalPort } from "./local-port.ts";
import { supervisorPortSuite } from "./port-suite.ts";
import { openKernel, testClock } from "./supervisor-fixture.ts";

supervisorPortSuite("the owner's own process", async () => {
  const opened = await openKernel();
  return {
    kernel: opened.kernel,
    port: createLocalPort(opened.kernel, testClock),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
});
