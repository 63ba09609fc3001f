export interface Token {
  /** `in` and `notin` are keywords where an operator may stand and identifiers everywhere else. */
  readonly kind: "identifier" | "keyword" | "symbol" | "end";
  readonly text: string;
}

/** Operators, the longer ones first, or a run of anything that is neither operator nor space. */
const tokenPattern = /==|!=|[=!(),><]|[^=!(),>< \t\r\n]+/g;
const symbolStart = /^[=!(),><]/;

/** Splits selector text into tokens; the last one is `end`. */
export function tokenize(text: string): Token[] {
  const tokens = [...text.matchAll(tokenPattern)].map(([found]) => ({ kind: kindOf(found), text: found }));
  return [...tokens, { kind: "end", text: "" }];
}

function kindOf(text: string): Token["kind"] {
  if (symbolStart.test(text)) return "symbol";
  return text === "in" || text === "notin" ? "keyword" : "identifier";
}
