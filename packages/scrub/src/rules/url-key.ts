import { isRandom } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Nodes of chains are rented by the address: the key stands in its path, under no name. */
export const NODE_URL: Rule = {
  name: "node-url",
  type: "URL_KEY",
  rank: RANK.context,
  keywords:
    "mainnet testnet sepolia holesky devnet rpc. rpc- -rpc infura.io quiknode.pro alchemy.com ankr.com getblock.io chainstacklabs.com blastapi.io moralis nodereal.io drpc.org tenderly.co chainnodes.org zmok.io pokt.network grove.city".split(
      " ",
    ),
  find(text, start, end, lo, hi) {
    if (!/:\/\/[\w.-]{0,60}$/.test(text.slice(Math.max(lo, start - 80), start))) return null;
    const rest = /^[\w.-]{0,80}(?::\d{1,5})?((?:\/[\w.~-]{1,128}){1,6})/.exec(text.slice(end, hi));
    if (rest === null) return null;
    let at = end + rest[0].length - rest[1]!.length;
    for (const piece of rest[1]!.slice(1).split("/")) {
      at++;
      if (opens(piece)) return { start: at, end: at + piece.length, open: at + piece.length >= hi };
      at += piece.length;
    }
    return null;
  },
  tail: (code) => code > 32 && !"\"'`<>()[]{},;/?#".includes(String.fromCharCode(code)),
  example: () => "POST https://eth-mainnet.rpc.example.io/v2/" + "k3yK9yAbCd7eF".repeat(2) + " returned 401",
};

/** Names of a query under which some services take the key itself; a number or a name stays. */
export const QUERY_KEY: Rule = {
  name: "query-key",
  type: "SECRET",
  rank: RANK.context,
  keywords: ["appid=", "app_id=", "userid=", "apikeyid=", "subscription-key=", "x-api-key=", "hapikey=", "client_key="],
  find(text, start, end, lo, hi) {
    if (start <= lo || !/[?&]/.test(text[start - 1]!)) return null;
    const value = /^[\w.~%-]{16,200}/.exec(text.slice(end, hi))?.[0];
    if (value === undefined || !opens(value)) return null;
    return { start: end, end: end + value.length, open: end + value.length >= hi };
  },
  tail: (code) => code > 32 && !"&#\"'`<>".includes(String.fromCharCode(code)),
  example: () => "GET /v3/weather?q=Rome&appid=" + "0a1b2c3d4e5f60718293" + "0a1b HTTP/1.1",
};

function opens(value: string): boolean {
  // A hash of a block or a transaction, and an address, name things that all may see.
  if (value.startsWith("0x")) return false;
  return UUID.test(value) || (value.length >= 18 && isRandom(value));
}
