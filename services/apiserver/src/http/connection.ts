import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { User } from "../auth/user.ts";

/** What is known of a client's connection, worked out once for all its requests. */
export interface Connection {
  readonly remoteAddress: string;
  /** The client's certificate in DER, when a trusted authority signed it. */
  readonly clientCertificate: Uint8Array | undefined;
  /** The client showed a certificate that no trusted authority signed. */
  readonly hasUntrustedCertificate: boolean;
  /** The identity that an in-memory connection was opened with; such a connection needs no credentials. */
  readonly user: User | undefined;
}

const connections = new WeakMap<object, Connection>();

/** The connection of a socket; the facts of a TLS socket are read at its first request. */
export function connectionOf(socket: Socket): Connection {
  let connection = connections.get(socket);
  if (!connection) {
    connection = readConnection(socket);
    connections.set(socket, connection);
  }
  return connection;
}

/** Makes `socket` speak for `user` (in-memory connections). */
export function markConnection(socket: object, user: User): void {
  connections.set(socket, {
    remoteAddress: "127.0.0.1",
    clientCertificate: undefined,
    hasUntrustedCertificate: false,
    user,
  });
}

function readConnection(socket: Socket): Connection {
  const certificate = isTls(socket) ? peerCertificate(socket) : undefined;
  const trusted = certificate !== undefined && isTls(socket) && socket.authorized;
  return {
    remoteAddress: socket.remoteAddress ?? "",
    clientCertificate: trusted ? certificate : undefined,
    hasUntrustedCertificate: certificate !== undefined && !trusted,
    user: undefined,
  };
}

const certificates = new Map<string, Uint8Array>();
/** Clients come back with the same few; the bound is against those who bring many. */
const maxCertificates = 4_096;

/** The client's certificate in DER. Equal certificates are one array, so that what is made of one is made once and not for each connection. */
function peerCertificate(socket: TLSSocket): Uint8Array | undefined {
  const raw = socket.getPeerX509Certificate()?.raw;
  if (!raw) return undefined;
  const key = raw.toString("latin1");
  const known = certificates.get(key);
  if (known) return known;
  if (certificates.size >= maxCertificates) certificates.clear();
  certificates.set(key, raw);
  return raw;
}

function isTls(socket: Socket): socket is TLSSocket {
  // Not `in`: the socket of an HTTP/2 session is a proxy that only answers reads.
  return typeof (socket as TLSSocket).getPeerCertificate === "function";
}
