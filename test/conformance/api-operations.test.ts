import { checkOperations } from "./check-operations.ts";
import { kinds } from "./kinds-under-test.ts";
import { type Api, openApi } from "./open-api.ts";

describe("conformance: API operations", () => {
  let api: Api;
  before(async () => {
    api = await openApi();
  });
  after(() => api.close());

  for (const [name, kind] of Object.entries(kinds)) {
    it(name, () => checkOperations(api, kind));
  }
});
