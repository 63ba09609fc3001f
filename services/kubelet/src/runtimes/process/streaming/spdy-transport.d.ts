/** The part of spdy-transport that the runtime uses; the package has no types. */
declare module "spdy-transport" {
  import type { EventEmitter } from "node:events";
  import type { Duplex } from "node:stream";

  /** How much may be sent, counted down by what is and up by what the other end has read. As little part of the contract as the parser. */
  export interface SpdyWindow {
    readonly send: { update(size: number, callback?: () => void): void };
  }

  export interface SpdyStream extends Duplex {
    readonly _spdyState: { readonly window: SpdyWindow };
    readonly headers: Readonly<Record<string, string>>;
    respond(status: number, headers: Record<string, string>): void;
    close(): void;
  }

  type Headers = Record<string, string>;

  /** Reads frames. Not part of the package's contract: what is used of it is held by a test. */
  export interface SpdyParser {
    parseKVs(body: unknown, callback: (error: Error | null, headers?: Headers) => void): void;
  }

  export interface SpdyConnection extends EventEmitter {
    readonly _spdyState: { readonly parser: SpdyParser; readonly window: SpdyWindow };
    start(version: number): void;
    end(): void;
    on(event: "stream", listener: (stream: SpdyStream) => void): this;
    on(event: "close", listener: () => void): this;
    on(event: "error", listener: (error: Error) => void): this;
  }

  export const connection: {
    create(socket: Duplex, options: { protocol: "spdy"; isServer: boolean; windowSize?: number }): SpdyConnection;
  };
  const transport: { readonly connection: typeof connection };
  export default transport;
}
