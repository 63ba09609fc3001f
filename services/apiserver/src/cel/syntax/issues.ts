/** What is wrong at one place of an expression's text. */
export interface Issue {
  readonly at: number;
  readonly message: string;
}

/** An expression that is none, told as cel-go tells it: with the line, and a mark under the place. */
export class InvalidExpression extends Error {
  override readonly name = "InvalidExpression";
  readonly issues: readonly Issue[];

  constructor(source: string, issues: readonly Issue[]) {
    super(issues.map((issue) => describe(source, issue)).join("\n"));
    this.issues = issues;
  }
}

function describe(source: string, { at, message }: Issue): string {
  const before = source.slice(0, at);
  const start = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  const end = source.indexOf("\n", at);
  const text = source.slice(start, end < 0 ? undefined : end);
  const column = [...source.slice(start, at)].length;
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text}\n | ${".".repeat(column)}^`;
}
