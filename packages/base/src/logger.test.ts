import { expect } from "chai";
import { createLogger } from "./logger.ts";

function capture() {
  const lines: string[] = [];
  const logger = createLogger({ component: "test", destination: { write: (line: string) => void lines.push(line) } });
  return { logger, lines };
}

describe("logger", () => {
  it("writes one JSON line with its component, level and fields", () => {
    const { logger, lines } = capture();
    logger.child({ pod: "default/web" }).warn({ attempt: 2 }, "cannot start");
    const { time, ...rest } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    expect(Date.parse(String(time))).to.be.a("number");
    expect(rest).to.deep.equal({
      component: "test",
      level: "warn",
      pod: "default/web",
      attempt: 2,
      msg: "cannot start",
    });
  });

  it("leaves secrets out, at the top and one level down, but not the key of an object", () => {
    const { logger, lines } = capture();
    logger.info(
      { token: "s3cret", secret: { data: "s3cret" }, request: { authorization: "s3cret" }, key: "default/web" },
      "request",
    );
    expect(lines[0]).to.not.contain("s3cret");
    expect(lines[0]).to.contain("default/web");
  });
});
