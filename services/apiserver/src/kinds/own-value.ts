/** What a record from outside has under a key from outside: `constructor` and its like are no keys unless somebody wrote them. */
export function ownValue<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
