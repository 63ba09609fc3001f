import type { LimitRangeItem } from "@tskube/api";
import { compareQuantities, parseQuantity, quantityToNumber } from "@tskube/apimachinery";

export type Resources = Readonly<Record<string, string>>;

export interface Amounts {
  readonly requests?: Resources | undefined;
  readonly limits?: Resources | undefined;
}

/** What is wrong with these amounts by one item of a LimitRange, in upstream's words. */
export function checkItem(item: LimitRangeItem, { requests = {}, limits = {} }: Amounts): string[] {
  const each = (bounds: Resources | undefined, check: (name: string, bound: string) => string) =>
    Object.entries(bounds ?? {}).map(([name, bound]) => check(name, bound));
  return [
    ...each(item.min, (name, bound) => checkMinimum(item.type, name, bound, requests[name], limits[name])),
    ...each(item.max, (name, bound) => checkMaximum(item.type, name, bound, requests[name], limits[name])),
    ...each(item.maxLimitRequestRatio, (name, bound) =>
      checkRatio(item.type, name, bound, requests[name], limits[name]),
    ),
  ].filter((reason) => reason !== "");
}

type Amount = string | undefined;

function compare(a: string, b: string): number {
  return compareQuantities(parseQuantity(a), parseQuantity(b));
}

function checkMinimum(type: string, name: string, bound: string, request: Amount, limit: Amount): string {
  const rule = `minimum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compare(request, bound) < 0) return `${rule}, but request is ${request}`;
  if (limit !== undefined && compare(limit, bound) < 0) return `${rule}, but limit is ${limit}`;
  return "";
}

function checkMaximum(type: string, name: string, bound: string, request: Amount, limit: Amount): string {
  const rule = `maximum ${name} usage per ${type} is ${bound}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compare(limit, bound) > 0) return `${rule}, but limit is ${limit}`;
  if (request !== undefined && compare(request, bound) > 0) return `${rule}, but request is ${request}`;
  return "";
}

function checkRatio(type: string, name: string, bound: string, request: Amount, limit: Amount): string {
  const rule = `${name} max limit to request ratio per ${type} is ${bound}`;
  const [requested, limited] = [request, limit].map((amount) => (amount ? quantityToNumber(parseQuantity(amount)) : 0));
  if (!requested || !limited) return `${rule}, but no request is specified or request is 0`;
  const ratio = limited / requested;
  return ratio > quantityToNumber(parseQuantity(bound)) ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : "";
}
