import type { KubeObject } from "@tskube/api";
import type { StatusError } from "@tskube/apimachinery";
import { initialEventsEndAnnotation } from "../watch/watch.ts";
import type { FakeStore, StoredChange } from "./fake-store.ts";
import type { Route } from "./route.ts";
import type { Selects } from "./selection.ts";

/** The server's side of one watch: a body that ends when told to. */
export class FakeWatch implements AsyncIterable<Uint8Array> {
  readonly #route: Route;
  readonly #selects: Selects;
  readonly #lines: Uint8Array[] = [];
  #wake: () => void = () => {};
  #ended = false;
  #cut: Error | undefined;

  constructor(route: Route, selects: Selects) {
    this.#route = route;
    this.#selects = selects;
  }

  /** The present objects and the bookmark that ends them. */
  sendInitial(store: FakeStore): void {
    for (const object of store.list(this.#route.info).filter(this.#selects)) this.#send({ type: "ADDED", object });
    this.bookmark(store.revision, { [initialEventsEndAnnotation]: "true" });
  }

  /** A change as this watch sees it: an object that leaves the selection is deleted to it. */
  offer({ type, info, object, old }: StoredChange): void {
    if (info.resource !== this.#route.info.resource || info.group !== this.#route.info.group) return;
    const isIn = type !== "DELETED" && this.#selects(object);
    const wasIn = old !== undefined && this.#selects(old);
    if (isIn) this.#send({ type: wasIn ? "MODIFIED" : "ADDED", object });
    else if (wasIn)
      this.#send({
        type: "DELETED",
        object:
          type === "DELETED"
            ? object
            : { ...old, metadata: { ...old.metadata, resourceVersion: object.metadata.resourceVersion } },
      });
  }

  bookmark(revision: number, annotations?: Record<string, string>): void {
    const { kind, group, version } = this.#route.info;
    const metadata = {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(annotations && { annotations }),
    };
    this.#send({
      type: "BOOKMARK",
      object: { kind, apiVersion: group === "" ? version : `${group}/${version}`, metadata },
    });
  }

  error(error: StatusError): void {
    this.#send({ type: "ERROR", object: error.status });
    this.end();
  }

  /** Bytes as they are, for broken servers. */
  raw(text: string): void {
    this.#push(Buffer.from(text));
  }

  /** The server closes the stream. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The connection breaks. */
  cut(error: Error): void {
    this.#cut = error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const line = this.#lines.shift();
      if (line) yield line;
      else if (this.#cut) throw this.#cut;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #send(event: { readonly type: string; readonly object: KubeObject | object }): void {
    this.#push(Buffer.from(`${JSON.stringify(event)}\n`));
  }

  #push(bytes: Uint8Array): void {
    this.#lines.push(bytes);
    this.#wake();
  }
}
