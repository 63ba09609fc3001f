import { field } from "@tskube/apimachinery";
import { expect } from "chai";
import { stringify } from "yaml";
import { readEncryptionConfiguration } from "./encryption-configuration.ts";
import { validateEncryption } from "./validate-encryption.ts";

const identity = { identity: {} };
const key = (bytes: number, name = "key1") => ({ name, secret: Buffer.alloc(bytes, 1).toString("base64") });
const aescbc = (...keys: readonly object[]) => ({ aescbc: { keys } });
const kms = (more: object = {}) => ({
  kms: { apiVersion: "v2", name: "k", endpoint: "unix:///run/kms.sock", ...more },
});

function problems(...resources: readonly object[]): string[] {
  const document = { apiVersion: "apiserver.config.k8s.io/v1", kind: "EncryptionConfiguration", resources };
  return validateEncryption(readEncryptionConfiguration(stringify(document))).map(field.fieldErrorMessage);
}
const ofResources = (...resources: readonly string[]) => ({ resources, providers: [identity] });
const ofProviders = (...providers: readonly object[]) => ({ resources: ["secrets"], providers });

describe("an EncryptionConfiguration", () => {
  const overlap =
    "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked";
  const cases: readonly [what: string, entries: readonly object[], problems: readonly string[]][] = [
    ["may name keys of every size that AES has", [ofProviders(aescbc(key(16), key(24), key(32)), identity)], []],
    ["is not empty", [], ["resources: Required value: at least one resources is required"]],
    [
      "names resources and providers",
      [{}],
      [
        "resources[0].resources: Required value: at least one resources[0].resources is required",
        "resources[0].providers: Required value: at least one resources[0].providers is required",
      ],
    ],
    [
      "names each resource once",
      [ofResources("secrets", "secrets")],
      [
        'resources[0].resources: Invalid value: ["secrets","secrets"]: the same resource cannot be specified multiple times',
      ],
    ],
    [
      "does not mask",
      [ofResources("secrets", "*.")],
      [`resources[0].resources: Invalid value: ["secrets","*."]: ${overlap}`],
    ],
    [
      "does not mask by everything",
      [ofResources("deployments.apps", "*.*")],
      [`resources[0].resources: Invalid value: ["deployments.apps","*.*"]: ${overlap}`],
    ],
    ["may name a resource and another group", [ofResources("secrets", "*.apps")], []],
    [
      "names what can be encrypted",
      [ofResources("Secrets", "*", "serviceipallocations", "x.events.k8s.io", "y.extensions", "pods.*")],
      [
        'resources[0].resources[0]: Invalid value: "Secrets": resource name should not contain capital letters',
        `resources[0].resources: Invalid value: ["Secrets","*","serviceipallocations","x.events.k8s.io","y.extensions","pods.*"]: ${overlap}`,
        `resources[0].resources[1]: Invalid value: "*": use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources`,
        'resources[0].resources[2]: Invalid value: "serviceipallocations": resources which do not have REST API/s cannot be encrypted',
        `resources[0].resources[3]: Invalid value: "x.events.k8s.io": '*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file`,
        `resources[0].resources[4]: Invalid value: "y.extensions": 'extensions' group has been removed and cannot be used for encryption`,
        'resources[0].resources[5]: Invalid value: "pods.*": encrypting the same resource across groups is not supported',
      ],
    ],
    [
      "has one provider in each place",
      [ofProviders({}, { ...identity, ...aescbc(key(32)) })],
      [
        "resources[0].providers[0]: Invalid value: {}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity",
        'resources[0].providers[1]: Invalid value: {"aescbc":"REDACTED","identity":"REDACTED"}: more than one provider specified in a single element, should split into different list elements',
      ],
    ],
    [
      "has whole keys, and never shows them",
      [
        ofProviders(aescbc(), aescbc({}, { name: "a", secret: "no base64" }, key(31)), {
          secretbox: { keys: [key(16)] },
        }),
      ],
      [
        "resources[0].providers[0].aescbc.keys: Required value: at least one keys is required",
        "resources[0].providers[1].aescbc.keys[0].name: Required value: name is a mandatory field for a key",
        "resources[0].providers[1].aescbc.keys[0].secret: Required value: secret is a mandatory field for a key",
        'resources[0].providers[1].aescbc.keys[1].secret: Invalid value: "REDACTED": secrets must be base64 encoded',
        'resources[0].providers[1].aescbc.keys[2].secret: Invalid value: "REDACTED": secret is not of the expected length, got 31, expected one of [16 24 32]',
        'resources[0].providers[2].secretbox.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 16, expected one of [32]',
      ],
    ],
    ["may have a plugin", [ofProviders(kms())], []],
    [
      "has plugins with names of their own behind sockets",
      [ofProviders(kms({ name: "a:b", endpoint: "tcp://x", timeout: "-1s" }), kms({ name: "a:b", cachesize: 5 }))],
      [
        "resources[0].providers[0].kms.name: Invalid value: \"a:b\": invalid KMS provider name a:b, must not contain ':'",
        'resources[0].providers[0].kms.timeout: Invalid value: "-1s": timeout should be a positive value',
        'resources[0].providers[0].kms.endpoint: Invalid value: "tcp://x": unsupported scheme "tcp" for KMS provider, only unix is supported',
        "resources[0].providers[1].kms.name: Invalid value: \"a:b\": invalid KMS provider name a:b, must not contain ':'",
        'resources[0].providers[1].kms.name: Invalid value: "a:b": duplicate KMS provider name a:b, names must be unique',
        "resources[0].providers[1].kms.cachesize: Invalid value: 5: cachesize is not supported in v2",
      ],
    ],
  ];
  for (const [what, entries, expected] of cases) {
    it(what, () =>
      expect(problems(...entries))
        .to.have.members(expected)
        .and.have.lengthOf(expected.length),
    );
  }
});
