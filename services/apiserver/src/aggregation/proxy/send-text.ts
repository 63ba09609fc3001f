import type { Exchange } from "../../http/exchange.ts";

/** Answers with a line of text, as upstream's aggregator does for what it cannot pass on; clients make a Status of it by its code. */
export function sendText(exchange: Exchange, status: number, text: string): void {
  const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
  exchange.send(status, headers, `${text}\n`);
}
