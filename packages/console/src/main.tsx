import "./styles.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "./api/client.ts";
import { afterFirstPage, firstAnswers } from "./api/first-page.ts";
import { createQueryClient } from "./api/queries.ts";
import { createConsoleRouter, fetchPages } from "./router.tsx";
import { startZone } from "./parts/time.tsx";
import { listenForKeys } from "./shell/keys.ts";
import { startTheme } from "./shell/theme.ts";

startTheme();
startZone();
listenForKeys();
const client = createQueryClient();
const router = createConsoleRouter(client);
onSignedOut(() => {
  const { pathname, searchStr } = router.state.location;
  if (pathname === "/sign-in") return;
  client.clear();
  void router.navigate({ to: "/sign-in", search: { next: `${pathname}${searchStr}` }, replace: true });
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
// One picture instead of three: with the page that the address names, and with what it asks.
await firstAnswers(client, () => router.load());
createRoot(root).render(
  <QueryClientProvider client={client}>
    <RouterProvider router={router} />
  </QueryClientProvider>,
);

afterFirstPage(client, () => void fetchPages());
