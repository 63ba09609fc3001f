/** A TCP socket that waits for connections. */
export interface Listener {
  /** An IPv4 address; `0.0.0.0` for all, of a socket for both families too. */
  readonly address: string;
  readonly port: number;
}

const listening = "0A";
const v4MappedPrefix = "0000000000000000FFFF0000";
const v6Any = "0".repeat(32);

/** Reads the text of /proc/net/tcp or /proc/net/tcp6; sockets that IPv4 cannot reach are left out. */
export function parseListeners(text: string): Listener[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , state] = line.trim().split(/\s+/);
      const [hex = "", port = ""] = local.split(":");
      const address = state === listening ? ipv4Of(hex) : undefined;
      return address === undefined ? [] : [{ address, port: Number.parseInt(port, 16) }];
    });
}

/** The kernel writes words of four bytes as numbers of the machine's own byte order, which is little-endian wherever Node runs today. */
function ipv4Of(hex: string): string | undefined {
  if (hex.length === 8) return octets(hex);
  if (hex === v6Any) return "0.0.0.0";
  return hex.startsWith(v4MappedPrefix) ? octets(hex.slice(v4MappedPrefix.length)) : undefined;
}

const octets = (hex: string): string => [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(".");
