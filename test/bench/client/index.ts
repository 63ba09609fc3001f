import type { BenchClient, Endpoint } from "./client.ts";
import { createHttp1Client } from "./http1-client.ts";
import { createHttp2Client } from "./http2-client.ts";

export * from "./client.ts";

export function createClient(endpoint: Endpoint, http: 1 | 2, concurrency: number): BenchClient {
  return http === 2 ? createHttp2Client(endpoint, concurrency) : createHttp1Client(endpoint, concurrency);
}
