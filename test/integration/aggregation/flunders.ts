import type { IncomingMessage, ServerResponse } from "node:http";

export const group = "wardle.example.com";
export const version = "v1alpha1";
const apiVersion = `${group}/${version}`;

export interface Flunder {
  readonly apiVersion: string;
  readonly kind: "Flunder";
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: object;
}

interface Event {
  readonly type: "ADDED" | "DELETED";
  readonly object: Flunder;
}

/** The one resource of the sample server, kept in memory: create, get, list, watch and delete. */
export class Flunders {
  readonly #objects = new Map<string, Flunder>();
  readonly #watches = new Set<(event: Event) => void>();
  #revision = 0;

  handle(request: IncomingMessage, response: ServerResponse, namespace: string, name: string, url: URL): void {
    if (request.method === "POST") void this.#create(request, response, namespace);
    else if (request.method === "DELETE") this.#delete(response, namespace, name);
    else if (name !== "") this.#get(response, namespace, name);
    else if (url.searchParams.has("watch")) this.#watch(response, namespace);
    else this.#list(response, namespace);
  }

  #list(response: ServerResponse, namespace: string): void {
    const metadata = { resourceVersion: this.#version };
    sendJson(response, 200, { apiVersion, kind: "FlunderList", metadata, items: this.#in(namespace) });
  }

  get #version(): string {
    return String(this.#revision);
  }

  #in(namespace: string): Flunder[] {
    return [...this.#objects.values()].filter(({ metadata }) => namespace === "" || metadata.namespace === namespace);
  }

  async #create(request: IncomingMessage, response: ServerResponse, namespace: string): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const sent = JSON.parse(text) as Flunder;
    this.#revision++;
    const object: Flunder = {
      ...sent,
      apiVersion,
      kind: "Flunder",
      metadata: {
        ...sent.metadata,
        namespace,
        uid: crypto.randomUUID(),
        resourceVersion: this.#version,
        creationTimestamp: new Date().toISOString().replace(/\.\d+/, ""),
      },
    };
    this.#objects.set(`${namespace}/${object.metadata.name}`, object);
    for (const tell of this.#watches) tell({ type: "ADDED", object });
    sendJson(response, 201, object);
  }

  #get(response: ServerResponse, namespace: string, name: string): void {
    const object = this.#objects.get(`${namespace}/${name}`);
    if (object) sendJson(response, 200, object);
    else sendStatus(response, 404, "NotFound", `flunders.${group} ${JSON.stringify(name)} not found`);
  }

  #delete(response: ServerResponse, namespace: string, name: string): void {
    const object = this.#objects.get(`${namespace}/${name}`);
    if (!object) {
      this.#get(response, namespace, name);
      return;
    }
    this.#objects.delete(`${namespace}/${name}`);
    this.#revision++;
    for (const tell of this.#watches) tell({ type: "DELETED", object });
    sendJson(response, 200, { apiVersion: "v1", kind: "Status", status: "Success" });
  }

  #watch(response: ServerResponse, namespace: string): void {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const tell = (event: Event) => response.write(`${JSON.stringify(event)}\n`);
    for (const object of this.#in(namespace)) tell({ type: "ADDED", object });
    this.#watches.add(tell);
    response.once("close", () => this.#watches.delete(tell));
  }
}

export function sendJson(response: ServerResponse, code: number, body: object, contentType = "application/json"): void {
  response.writeHead(code, { "content-type": contentType }).end(JSON.stringify(body));
}

export function sendStatus(response: ServerResponse, code: number, reason: string, message: string): void {
  sendJson(response, code, { apiVersion: "v1", kind: "Status", status: "Failure", code, reason, message, details: {} });
}
