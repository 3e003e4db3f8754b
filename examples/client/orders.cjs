// The same for a program of the older kind of module.
const { install } = require("@prunella/client");

install({ app: "orders-old", version: "2.0.0" });

function close() {
  throw new RangeError("the books do not close");
}

close();
