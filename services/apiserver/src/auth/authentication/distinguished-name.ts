export interface DistinguishedName {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/**
 * Reads a subject as Node renders it: one `KEY=value` per line, the lines of a multi-valued part joined by ` + `, special characters
 * escaped by backslashes as in RFC 2253.
 */
export function parseDistinguishedName(subject: string): DistinguishedName {
  let commonName = "";
  const organizations: string[] = [];
  for (const part of subject.split(/\n|(?<!\\) \+ /)) {
    const equals = part.indexOf("=");
    const value = unescapeValue(part.slice(equals + 1));
    if (part.slice(0, equals) === "CN") commonName = value;
    else if (part.slice(0, equals) === "O") organizations.push(value);
  }
  return { commonName, organizations };
}

/** `\,` is a comma, `\C3\A9` the bytes of a UTF-8 character. */
function unescapeValue(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes: Buffer[] = [];
  for (const [piece] of text.matchAll(/\\[0-9A-Fa-f]{2}|\\.|[^\\]+|\\$/gs)) {
    if (/^\\[0-9A-Fa-f]{2}$/.test(piece)) bytes.push(Buffer.from(piece.slice(1), "hex"));
    else bytes.push(Buffer.from(piece.startsWith("\\") && piece.length > 1 ? piece.slice(1) : piece));
  }
  return Buffer.concat(bytes).toString("utf8");
}
