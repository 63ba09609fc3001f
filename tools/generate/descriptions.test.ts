import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { collectDescriptions } from "./descriptions.ts";
import { schemasFrom } from "./schemas.ts";

const model = (name: string, comment: string) => `/**
 * A header of the file.
 */
import { V1ObjectMeta } from '../models/V1ObjectMeta.js';
/**
* ${comment}
*/
export declare class ${name} {
    /**
    * It\\'s the default.
    */
    '_default'?: string;
    'plain'?: string;
    static readonly discriminator: string | undefined;
}
`;

describe("collectDescriptions", () => {
  const folder = mkdtempSync(join(tmpdir(), "models-"));
  after(() => rmSync(folder, { recursive: true }));

  it("reads the comments of a class and its properties, and prefers the class of the type's own group", () => {
    writeFileSync(join(folder, "V1Thing.d.ts"), model("V1Thing", "Somebody's thing."));
    writeFileSync(join(folder, "EventsV1Thing.d.ts"), model("EventsV1Thing", "A thing of events."));
    const types = { Thing: { fields: { default: "1 string", plain: "2 string" } }, Unknown: { fields: {} } };
    const schemas = schemasFrom([
      { group: "", version: "v1", strings: {}, types },
      { group: "events.k8s.io", version: "v1", strings: {}, types },
    ]);
    expect(collectDescriptions(schemas, folder)).to.deep.equal({
      "core/v1.Thing": { "": "Somebody's thing.", default: "It's the default." },
      "events.k8s.io/v1.Thing": { "": "A thing of events.", default: "It's the default." },
    });
  });
});
