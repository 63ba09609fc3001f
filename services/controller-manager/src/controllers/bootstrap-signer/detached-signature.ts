import { createHmac } from "node:crypto";

/** A JSON Web Signature (HS256) of `content` without the content: `HEADER..SIGNATURE`. Who has the token can check what the other side shows. */
export function detachedSignature(content: string, token: { readonly id: string; readonly secret: string }): string {
  const header = base64Url(JSON.stringify({ alg: "HS256", kid: token.id }));
  const signature = createHmac("sha256", token.secret)
    .update(`${header}.${base64Url(content)}`)
    .digest("base64url");
  return `${header}..${signature}`;
}

function base64Url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
