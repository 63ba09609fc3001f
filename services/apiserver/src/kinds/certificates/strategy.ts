import type { CertificateSigningRequest, KubeObject } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import type { Clock } from "@tskube/base";
import type { Strategy, UpdateRules } from "../../registry/strategy.ts";
import { certificateRequestColumns } from "./columns.ts";
import { conditionsOf, validateRequest, validateRequestUpdate } from "./validate-request.ts";

/**
 * CertificateSigningRequests never change what they ask for, and hold who asked: that is for the server to say. The approval may be written
 * by `/approval` alone, certificate and failure by `/status` alone.
 */
export function certificateRequests(clock: Pick<Clock, "now">): Strategy<CertificateSigningRequest> {
  const status: UpdateRules<CertificateSigningRequest> = {
    prepareForUpdate(request, old) {
      keepConditions(request, old, "Approved");
      keepConditions(request, old, "Denied");
      setTimes(request, old, clock);
    },
    validateUpdate: validateRequestUpdate({ certificate: true }),
  };
  return {
    validateName: () => [],
    selectableFields: { "spec.signerName": ({ spec }) => spec.signerName ?? "" },
    columns: certificateRequestColumns,
    noteRequester({ spec }, { name, uid, groups, extra }) {
      const asked = { username: name, uid, groups, extra } as const;
      for (const [key, value] of Object.entries(asked)) {
        if (isEmpty(value)) delete spec[key as keyof typeof asked];
        else Object.assign(spec, { [key]: structuredClone(value) });
      }
    },
    prepareForUpdate(request, old) {
      request.spec = old.spec;
    },
    validate: validateRequest,
    validateUpdate: validateRequestUpdate(),
    status,
    parts: { approval: approvalRules(clock) as UpdateRules<KubeObject> },
  };
}

/** Rules of `/approval`: of all but the metadata only conditions change. */
function approvalRules(clock: Pick<Clock, "now">): UpdateRules<CertificateSigningRequest> {
  return {
    keepsGeneration: true,
    prepareForUpdate(request, old) {
      request.spec = old.spec;
      const conditions = request.status?.conditions;
      request.status = { ...old.status, ...(conditions && { conditions }) };
      if (!conditions) delete request.status.conditions;
      setTimes(request, old, clock);
    },
    validateUpdate: validateRequestUpdate({ approval: true }),
  };
}

/** Takes conditions of a type from the old object, unless some were added or removed, which validation refuses then. */
function keepConditions(request: CertificateSigningRequest, old: CertificateSigningRequest, type: string): void {
  const before = conditionsOf(old).filter((condition) => condition.type === type);
  const after = conditionsOf(request).filter((condition) => condition.type === type);
  if (before.length !== after.length) return;
  for (const [index, condition] of before.entries()) Object.assign(after[index] as object, condition);
}

/** Conditions say when they came and when they were written last; who writes them may leave that out. */
function setTimes(request: CertificateSigningRequest, old: CertificateSigningRequest, clock: Pick<Clock, "now">): void {
  const now = formatTime(clock.now());
  for (const condition of request.status?.conditions ?? []) {
    condition.lastUpdateTime ||= now;
    if (condition.lastTransitionTime) continue;
    const same = conditionsOf(old).find(
      ({ type, status, lastTransitionTime }) =>
        type === condition.type && status === condition.status && lastTransitionTime,
    );
    condition.lastTransitionTime = same?.lastTransitionTime ?? now;
  }
}

function isEmpty(value: unknown): boolean {
  return !value || (typeof value === "object" && Object.keys(value).length === 0);
}
