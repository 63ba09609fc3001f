import { expect } from "chai";
import { GRPCDeadlineExceededError, GRPCUnavailableError, GRPCUnknownError } from "etcd3";
import { type CallKind, fromEtcdError } from "./errors.ts";

describe("errors of etcd", () => {
  const cases: Array<[error: Error, kind: CallKind, code: string, maybeApplied: boolean]> = [
    [
      new GRPCUnavailableError("14 UNAVAILABLE: No connection established. Last error: ECONNREFUSED"),
      "write",
      "unavailable",
      false,
    ],
    [new GRPCUnavailableError("14 UNAVAILABLE: Connection dropped"), "write", "unavailable", true],
    [new GRPCUnavailableError("14 UNAVAILABLE: Connection dropped"), "read", "unavailable", false],
    [new GRPCUnavailableError("14 UNAVAILABLE: etcdserver: request timed out"), "write", "timeout", true],
    [new GRPCDeadlineExceededError("4 DEADLINE_EXCEEDED: Deadline exceeded"), "write", "timeout", true],
    [new GRPCDeadlineExceededError("4 DEADLINE_EXCEEDED: Deadline exceeded"), "read", "timeout", false],
    [new Error("8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded"), "write", "noSpace", false],
    [new Error("3 INVALID_ARGUMENT: etcdserver: request is too large"), "write", "tooLarge", false],
    [new Error("11 OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted"), "read", "compacted", false],
    [
      new Error("11 OUT_OF_RANGE: etcdserver: mvcc: required revision is a future revision"),
      "read",
      "futureRevision",
      false,
    ],
    [new GRPCUnknownError("2 UNKNOWN: what"), "write", "unavailable", true],
  ];
  for (const [error, kind, code, maybeApplied] of cases) {
    it(`are ${code}${maybeApplied ? ", perhaps applied," : ""} for a ${kind} that failed with ${error.message}`, () => {
      expect(fromEtcdError(error, kind)).to.include({ code, maybeApplied });
    });
  }
});
