import { isIP } from "node:net";
import type { Exchange } from "../http/exchange.ts";

/** Where a request came from: what proxies say of it, the client first, and the address of the connection last. The first are only as true as the proxies. */
export function sourceIps(exchange: Exchange): readonly string[] {
  const forwarded = (exchange.header("x-forwarded-for") ?? "").split(",").map(plainAddress);
  const real = plainAddress(exchange.header("x-real-ip") ?? "");
  const ips = forwarded.filter((address) => isIP(address) !== 0);
  if (isIP(real) !== 0 && !ips.includes(real)) ips.push(real);
  const remote = plainAddress(exchange.connection.remoteAddress);
  if (isIP(remote) !== 0 && ips.at(-1) !== remote) ips.push(remote);
  return ips;
}

/** IPv4 addresses on a socket for both families come as `::ffff:10.0.0.1`. */
function plainAddress(text: string): string {
  return text.trim().replace(/^::ffff:(?=\d+\.)/i, "");
}
