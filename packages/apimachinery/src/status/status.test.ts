import { expect } from "chai";
import { field, Path } from "../index.ts";
import * as status from "./index.ts";
import { StatusError } from "./index.ts";

const deployments = { group: "apps", resource: "deployments" };
const pods = { group: "", resource: "pods" };
const nobody = { group: "", resource: "" };

describe("status errors", () => {
  const wordings: readonly [error: StatusError, code: number, reason: string, message: string][] = [
    [status.notFound(deployments, "x"), 404, "NotFound", 'deployments.apps "x" not found'],
    [status.notFound(pods, "x"), 404, "NotFound", 'pods "x" not found'],
    [status.alreadyExists(pods, "x"), 409, "AlreadyExists", 'pods "x" already exists'],
    [
      status.generateNameConflict(pods, "x-abcde", 1),
      409,
      "AlreadyExists",
      'pods "x-abcde" already exists, the server was not able to generate a unique name for the object',
    ],
    [
      status.conflict(deployments, "x", status.staleObjectMessage),
      409,
      "Conflict",
      'Operation cannot be fulfilled on deployments.apps "x": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [status.forbidden(pods, "x", new Error("no")), 403, "Forbidden", 'pods "x" is forbidden: no'],
    [status.forbidden(pods, "", "no"), 403, "Forbidden", "pods is forbidden: no"],
    [status.forbidden(nobody, "", "no"), 403, "Forbidden", "forbidden: no"],
    [status.unauthorized(), 401, "Unauthorized", "not authorized"],
    [status.badRequest("what"), 400, "BadRequest", "what"],
    [
      status.methodNotSupported(pods, "create"),
      405,
      "MethodNotAllowed",
      'create is not supported on resources of kind "pods"',
    ],
    [
      status.methodNotAllowed(),
      405,
      "MethodNotAllowed",
      "the server does not allow this method on the requested resource",
    ],
    [status.gone("old"), 410, "Gone", "old"],
    [status.resourceExpired("old"), 410, "Expired", "old"],
    [status.internalError(new Error("boom")), 500, "InternalError", "Internal error occurred: boom"],
    [status.serviceUnavailable("down"), 503, "ServiceUnavailable", "down"],
    [status.timeout("slow", 2), 504, "Timeout", "Timeout: slow"],
    [
      status.serverTimeout(pods, "create", 2),
      500,
      "ServerTimeout",
      "The create operation against pods could not be completed at this time, please try again.",
    ],
    [status.tooManyRequests("wait", 3), 429, "TooManyRequests", "wait"],
    [status.tooManyRequestsInFlight("wait"), 429, "TooManyRequests", "Too many requests: wait"],
    [status.requestEntityTooLarge("3MB"), 413, "RequestEntityTooLarge", "Request entity too large: 3MB"],
    [status.tooLargeResourceVersion(9, 5, 1), 504, "Timeout", "Timeout: Too large resource version: 9, current: 5"],
    [status.storageReadError("bad"), 500, "StorageReadError", "bad"],
  ];
  for (const [error, code, reason, message] of wordings) {
    it(`say as upstream: ${message.slice(0, 60)}`, () => {
      expect([error.code, error.reason, error.message]).to.deep.equal([code, reason, message]);
    });
  }

  it("name the object in their details and leave empty parts out", () => {
    expect(status.notFound(pods, "x").status).to.deep.equal({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'pods "x" not found',
      reason: "NotFound",
      details: { name: "x", kind: "pods" },
      code: 404,
    });
  });

  it("list every invalid field as a cause and in the message", () => {
    const at = Path.of("spec", "containers").index(0);
    const error = status.invalid({ group: "", kind: "Pod" }, "p", [
      field.required(at.child("image")),
      field.invalid(at.child("name"), "A", "must be lower case"),
    ]);
    expect(error.message).to.equal(
      'Pod "p" is invalid: [spec.containers[0].image: Required value, spec.containers[0].name: Invalid value: "A": must be lower case]',
    );
    expect(error.status.details?.causes).to.deep.equal([
      { reason: "FieldValueRequired", message: "Required value", field: "spec.containers[0].image" },
      {
        reason: "FieldValueInvalid",
        message: 'Invalid value: "A": must be lower case',
        field: "spec.containers[0].name",
      },
    ]);
  });

  it("answer questions about wrapped errors", () => {
    const wrapped = new Error("cannot bind", { cause: status.notFound(pods, "x") });
    expect(status.isNotFound(wrapped)).to.equal(true);
    expect(status.isConflict(wrapped)).to.equal(false);
    expect(status.isNotFound(new Error("not found"))).to.equal(false);
  });

  it("go by the code when the reason is not a known one", () => {
    const foreign = (code: number, reason: string) =>
      StatusError.fromStatus({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", code, reason });
    expect(status.isNotFound(foreign(404, ""))).to.equal(true);
    expect(status.isConflict(foreign(409, "AlreadyExists"))).to.equal(false);
    expect(status.isAlreadyExists(foreign(409, ""))).to.equal(false);
    expect(status.isTooManyRequests(foreign(429, "Conflict"))).to.equal(true);
  });

  it("know a resourceVersion from the future by its cause", () => {
    expect(status.isTooLargeResourceVersion(status.tooLargeResourceVersion(9, 5, 1))).to.equal(true);
    expect(status.isTooLargeResourceVersion(status.timeout("x", 1))).to.equal(false);
  });

  it("tell how long a client should wait", () => {
    expect(status.suggestedDelaySeconds(status.tooManyRequests("wait", 3))).to.equal(3);
    expect(status.suggestedDelaySeconds(status.serverTimeout(pods, "get", 0))).to.equal(0);
    expect(status.suggestedDelaySeconds(status.notFound(pods, "x"))).to.equal(undefined);
  });

  it("are made from anything thrown", () => {
    const original = status.notFound(pods, "x");
    expect(StatusError.from(original)).to.equal(original);
    expect(StatusError.from("boom").message).to.equal("Internal error occurred: boom");
    const ring = new Error("ring");
    ring.cause = ring;
    expect(status.findStatusError(ring)).to.equal(undefined);
  });
});
