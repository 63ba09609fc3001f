import { request } from "node:https";
import { errorMessage } from "@tskube/base";

export interface Health {
  readonly isHealthy: boolean;
  /** What the component answered, or why it did not. */
  readonly message: string;
}

const timeoutMs = 5_000;
const maxAnswerLength = 1_024;

/** Asks a component of this machine how it is. Its certificate is its own, so that nothing is made of it. */
export function probeHealth(port: number): Promise<Health> {
  const url = `https://127.0.0.1:${port}/healthz`;
  return new Promise((resolve) => {
    const failed = (error: unknown) => resolve({ isHealthy: false, message: `Get "${url}": ${errorMessage(error)}` });
    const asked = request(url, { rejectUnauthorized: false, timeout: timeoutMs, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        if (text.length < maxAnswerLength) text += chunk;
      });
      answer.on("error", failed);
      answer.on("end", () =>
        resolve({ isHealthy: answer.statusCode === 200, message: text.slice(0, maxAnswerLength) }),
      );
    });
    asked.on("timeout", () => asked.destroy(new Error("context deadline exceeded")));
    asked.on("error", failed);
    asked.end();
  });
}
