import { rmSync } from "node:fs";
import { formatTime } from "@tskube/apimachinery";
import { FakeClock } from "@tskube/base/testing";
import { type ControllerTest, controllerTest } from "@tskube/controller/testing";
import { expect } from "chai";
import { readRequest } from "../../certificates/request-facts.ts";
import { signingAuthority } from "../../certificates/signing-authority.ts";
import { aRequest, csrFor, writeAuthority } from "../../certificates/testing.ts";
import { csrCleaner, endOf } from "./controller.ts";

const hour = 3_600_000;

describe("the controller that cleans up certificate requests", () => {
  let t: ControllerTest;
  beforeEach(async () => {
    t = controllerTest();
    await t.start(csrCleaner);
  });
  afterEach(() => t.stop());
  const deletions = () => t.api.writes().filter((line) => line.startsWith("delete"));

  for (const type of ["Approved", "Denied", "Failed"]) {
    it(`deletes a request an hour after it was ${type}`, async () => {
      const condition = { type, status: "True", lastUpdateTime: formatTime(t.clock.now()) };
      t.api.seed("CertificateSigningRequest", aRequest({}, { conditions: [condition] }));
      await t.settle(hour - 1000);
      expect(deletions()).to.deep.equal([]);
      await t.settle(1000);
      expect(deletions()).to.deep.equal(["delete certificatesigningrequests r"]);
    });
  }

  it("deletes a request that nobody decided about within a day", async () => {
    const request = aRequest({});
    request.metadata.creationTimestamp = formatTime(t.clock.now());
    t.api.seed("CertificateSigningRequest", request);
    await t.settle(24 * hour - 1000);
    expect(deletions()).to.deep.equal([]);
    await t.settle(1000);
    expect(deletions()).to.have.length(1);
  });

  it("does not keep a request whose certificate has ended", async () => {
    const endsMs = Date.parse("2031-01-01T00:00:00Z");
    const authority = await writeAuthority(endsMs);
    const clock = new FakeClock(endsMs - 60_000);
    const facts = await readRequest(await csrFor("CN=ann"));
    const pem = await signingAuthority(authority.files, 365 * 24 * hour, clock).sign(facts, ["client auth"], undefined);
    rmSync(authority.directory, { recursive: true });
    const lastUpdateTime = formatTime(endsMs - 60_000);
    const request = aRequest(
      {},
      {
        conditions: [{ type: "Approved", status: "True", lastUpdateTime }],
        certificate: Buffer.from(pem).toString("base64"),
      },
    );
    expect(endOf(request)).to.equal(endsMs);
  });
});
