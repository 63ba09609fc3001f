import type { TokenRequest } from "@tskube/api";
import { type RequestTokenDeps, requestToken } from "../auth/index.ts";
import type { Handler } from "../http/context.ts";
import { builtInCodec } from "../resources/built-in-codec.ts";
import { bodyFormat, readBody } from "../resources/read-body.ts";
import type { ServedResource } from "../resources/served-resource.ts";
import { sendObject } from "../resources/virtual-resources.ts";
import { decodeRequest, writeScope } from "../resources/write-options.ts";

const codec = builtInCodec(
  { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
  "authentication.k8s.io/v1.TokenRequest",
);

/** Answers `serviceaccounts/NAME/token` with a token for the account. */
export function serveToken(accounts: ServedResource, deps: RequestTokenDeps): Handler {
  return async (context) => {
    const { exchange, info } = context;
    const format = bodyFormat(exchange);
    const object = codec.decode(await readBody(exchange), format, decodeRequest(context, "CreateOptions"));
    const { name, namespace } = info;
    const scope = writeScope(context, "CreateOptions");
    const request = { operation: "CREATE", subresource: "token", kind: "TokenRequest", name, object } as const;
    await accounts.store.admit(scope, request);
    const warn = (message: string) => exchange.warn(message);
    const answer = await requestToken(namespace, name, object as TokenRequest, { ...deps, warn });
    const id = exchange.audit && tokenId(answer.status?.token ?? "");
    if (id) exchange.audit?.annotate("authentication.kubernetes.io/issued-credential-id", `JTI=${id}`);
    sendObject(context, 201, answer);
  };
}

/** The name under which the users of a token are recorded. */
function tokenId(jwt: string): string | undefined {
  const [, claims = ""] = jwt.split(".");
  return (JSON.parse(Buffer.from(claims, "base64url").toString("utf8")) as { jti?: string }).jti;
}
