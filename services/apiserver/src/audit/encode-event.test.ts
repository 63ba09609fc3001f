import { expect } from "chai";
import { encodeEvent } from "./encode-event.ts";
import { legacyText } from "./legacy-text.ts";
import { anEvent } from "./testing/events.ts";

describe("audit event", () => {
  it("is written on one line, in upstream's order and with its objects as they are", () => {
    const event = anEvent({
      level: "RequestResponse",
      user: { name: "ann", uid: "1", groups: ["devs"], extra: { scope: ["a"] } },
      impersonatedUser: { name: "bob", groups: [] },
      responseStatus: { status: "Failure", reason: "NotFound", code: 404 },
      requestObject: '{"kind":"Pod"}',
      responseObject: '{"kind":"Status"}',
      annotations: new Map([
        ["b", "2"],
        ["a", "1"],
      ]),
    });
    expect(encodeEvent(event)).to.equal(
      '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"id","stage":"ResponseComplete",' +
        '"requestURI":"/api/v1/namespaces/a/pods","verb":"list",' +
        '"user":{"username":"ann","uid":"1","groups":["devs"],"extra":{"scope":["a"]}},"impersonatedUser":{"username":"bob"},' +
        '"sourceIPs":["10.0.0.1"],"userAgent":"kubectl/v1.35","objectRef":{"resource":"pods","namespace":"a","apiVersion":"v1"},' +
        '"responseStatus":{"metadata":{},"status":"Failure","reason":"NotFound","code":404},' +
        '"requestObject":{"kind":"Pod"},"responseObject":{"kind":"Status"},' +
        '"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.001000Z",' +
        '"annotations":{"a":"1","b":"2"}}',
    );
  });

  it("leaves out what is empty", () => {
    const event = anEvent({ user: undefined, sourceIps: [], userAgent: "", objectRef: undefined });
    const fields = JSON.parse(encodeEvent({ ...event, responseStatus: undefined })) as object;
    expect(Object.keys(fields)).to.deep.equal([
      "kind",
      "apiVersion",
      "level",
      "auditID",
      "stage",
      "requestURI",
      "verb",
      "user",
      "requestReceivedTimestamp",
      "stageTimestamp",
    ]);
  });

  it("has a line of text in the legacy format, whose values cannot add fields", () => {
    expect(legacyText(anEvent({ userAgent: 'a" uri="x\n' }))).to.equal(
      '2026-01-01T00:00:00.000000Z AUDIT: id="id" stage="ResponseComplete" ip="10.0.0.1" method="list" user="ann" ' +
        'groups="\\"devs\\",\\"ops\\"" as="<self>" asgroups="<lookup>" user-agent="a\\" uri=\\"x\\n" namespace="a" ' +
        'uri="/api/v1/namespaces/a/pods" response="200"',
    );
    expect(legacyText(anEvent({ user: undefined, responseStatus: undefined, sourceIps: [], objectRef: undefined })))
      .to.include('ip="<unknown>"')
      .and.include('user="<none>" groups="<none>"')
      .and.include('namespace="<none>"')
      .and.include('response="<deferred>"');
  });
});
