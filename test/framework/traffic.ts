import { get } from "node:http";

export interface TrafficReport {
  readonly answered: number;
  /** What went wrong, and how many milliseconds after the start. */
  readonly failures: readonly { readonly atMs: number; readonly error: string }[];
  /** The longest time without an answer. */
  readonly longestGapMs: number;
  /** How often each text was answered. */
  readonly answers: ReadonlyMap<string, number>;
}

const requestTimeoutMs = 1_000;

/** One request with a connection of its own; the body without its line end. */
export function ask(url: string, timeoutMs = requestTimeoutMs): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(text.trim()) : reject(new Error(`status ${response.statusCode}`)),
      );
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error("no answer in time")));
    request.on("error", reject);
  });
}

/** Asks `urls` in turn, each time with a new connection, until stopped; at most `maxMs`. */
export function startTraffic(
  urls: readonly string[],
  options: { readonly everyMs: number; readonly maxMs: number },
): { stop(): Promise<TrafficReport> } {
  const startedMs = performance.now();
  const failures: { atMs: number; error: string }[] = [];
  const answers = new Map<string, number>();
  let answered = 0;
  let lastAnswerMs = startedMs;
  let longestGapMs = 0;
  let isStopped = false;

  async function one(url: string): Promise<void> {
    try {
      const text = await ask(url);
      const nowMs = performance.now();
      longestGapMs = Math.max(longestGapMs, nowMs - lastAnswerMs);
      lastAnswerMs = nowMs;
      answered++;
      answers.set(text, (answers.get(text) ?? 0) + 1);
    } catch (error) {
      failures.push({
        atMs: Math.round(performance.now() - startedMs),
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  /** Requests overlap, so that one which waits for a dead endpoint does not hide that others are answered. */
  async function loop(): Promise<void> {
    const open = new Set<Promise<void>>();
    for (let count = 0; !isStopped && performance.now() - startedMs < options.maxMs; count++) {
      const request = one(urls[count % urls.length] ?? "").finally(() => open.delete(request));
      open.add(request);
      await new Promise((resolve) => setTimeout(resolve, options.everyMs));
    }
    await Promise.all(open);
  }

  const running = loop();
  return {
    async stop() {
      isStopped = true;
      await running;
      longestGapMs = Math.max(longestGapMs, performance.now() - lastAnswerMs - requestTimeoutMs);
      return { answered, failures, longestGapMs: Math.round(longestGapMs), answers };
    },
  };
}
