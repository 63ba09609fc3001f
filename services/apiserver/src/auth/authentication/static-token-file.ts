import type { User } from "../user.ts";
import type { TokenAuthenticator } from "./bearer-token.ts";
import { secretEquals } from "./secret-equals.ts";

/**
 * Tokens of `--token-auth-file`: lines `token,user,uid,"group1,group2"`. `csv` is the file's content; throws for a line with fewer than three columns.
 */
export function staticTokenAuthenticator(csv: string): TokenAuthenticator {
  const users = new Map(csv.split("\n").flatMap((line, index) => parseLine(line.trim(), index + 1)));
  return {
    name: "static",
    async authenticateToken(token) {
      for (const [known, user] of users) if (secretEquals(known, token)) return { user };
      return undefined;
    },
  };
}

function parseLine(line: string, number: number): [string, User][] {
  if (!line || line.startsWith("#")) return [];
  const columns = splitColumns(line);
  const [token, name, uid, groups = ""] = columns;
  if (columns.length < 3) {
    throw new Error(
      `token file line ${number} must have at least 3 columns (token, user name, user uid), found ${columns.length}`,
    );
  }
  if (!token || !name) throw new Error(`token file line ${number} has an empty token or user name`);
  const user = { name, ...(uid ? { uid } : {}), groups: groups.split(",").filter(Boolean) };
  return [[token, user]];
}

/** Columns may be quoted, which is how several groups fit into one. */
function splitColumns(line: string): string[] {
  return [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trim() ?? "",
  );
}
