// Ends with 0 if the URL answers 200: `node healthcheck.cjs URL`. A file of its own, for it runs every few seconds and must start fast.
// Whom it asks is its own container, over loopback or its own name, so the certificate need not be looked at.
const url = new URL(process.argv[2]);
const { get } = url.protocol === "https:" ? require("node:https") : require("node:http");
const call = get(url, { rejectUnauthorized: false, timeout: 2_000 }, (answer) => {
  answer.resume();
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
});
call.on("timeout", () => call.destroy(new Error("no answer within 2 s")));
call.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
