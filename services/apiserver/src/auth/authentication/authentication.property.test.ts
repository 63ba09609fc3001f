import { isUnauthorized } from "@tskube/apimachinery";
import { expect } from "chai";
import fc from "fast-check";
import { bearerTokenAuthenticator, protocolsWithoutToken } from "./bearer-token.ts";
import { parseDistinguishedName } from "./distinguished-name.ts";
import { staticTokenAuthenticator } from "./static-token-file.ts";
import { unionAuthenticator } from "./union-authenticator.ts";

const headerNames = ["authorization", "upgrade", "sec-websocket-protocol", "__proto__", "x-remote-user"];
const headerText = fc.oneof(
  fc.string(),
  fc.constant("websocket"),
  fc.string().map((text) => `Bearer ${text}`),
  fc.string().map((text) => `base64url.bearer.authorization.k8s.io.${text}`),
);

describe("authentication of arbitrary requests", () => {
  const authenticator = unionAuthenticator([
    bearerTokenAuthenticator(staticTokenAuthenticator("secret,ann,1"), ["api"]),
  ]);

  it("proves nobody and fails with nothing but Unauthorized", () =>
    fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...headerNames), headerText), async (headers) => {
        try {
          expect(await authenticator.authenticate({ headers, path: "/" })).to.equal(undefined);
        } catch (error) {
          expect(isUnauthorized(error)).to.equal(true);
        }
        for (const protocol of protocolsWithoutToken(headers)) expect(protocol).to.not.contain("bearer.authorization");
      }),
    ));

  it("reads any subject without failing", () => {
    fc.assert(
      fc.property(fc.string(), (subject) => {
        expect(parseDistinguishedName(subject).organizations).to.be.an("array");
      }),
    );
  });
});
