import { type FieldError, field, Path, parseGroupResource } from "@tskube/apimachinery";
import type { EncryptionConfiguration, EncryptionKey, EncryptionProvider } from "./encryption-configuration.ts";
import { validateKmsProvider } from "./validate-kms-provider.ts";

const aesKeySizes = [16, 24, 32];
const secretboxKeySizes = [32];
const withoutApi = new Set(["apiserveripinfo", "serviceipallocations", "servicenodeportallocations"]);

/** What is wrong with an encryption configuration, in upstream's words; secrets are never shown. */
export function validateEncryption({ resources }: EncryptionConfiguration): FieldError[] {
  const root = Path.of("resources");
  if (resources.length === 0) return [field.required(root, atLeastOne(root))];
  const kmsNames = new Set<string>();
  return resources.flatMap((entry, index) => {
    const [names, providers] = [root.index(index).child("resources"), root.index(index).child("providers")];
    return [
      ...(entry.resources.length === 0 ? [field.required(names, atLeastOne(names))] : []),
      ...validateOverlap(entry.resources, names),
      ...entry.resources.flatMap((name, at) => validateName(name, names.index(at))),
      ...(entry.providers.length === 0 ? [field.required(providers, atLeastOne(providers))] : []),
      ...entry.providers.flatMap((provider, at) => validateProvider(provider, providers.index(at), kmsNames)),
    ];
  });
}

function atLeastOne(what: Path | string): string {
  return `at least one ${what} is required`;
}

/** Of two entries of one list that mean the same resource, one would never be looked at. */
function validateOverlap(resources: readonly string[], path: Path): FieldError[] {
  const parsed = resources.map(parseGroupResource);
  const pairs = parsed.flatMap((one, index) => parsed.slice(index + 1).map((other) => [one, other] as const));
  const isSame = pairs.some(([a, b]) => a.group === b.group && a.resource === b.resource);
  const isMasked = pairs.some(([a, b]) => {
    if (a.group === b.group && a.resource === b.resource) return false;
    const isEverything = [a, b].some(({ group, resource }) => group === "*" && resource === "*");
    return isEverything || (a.group === b.group && (a.resource === "*" || b.resource === "*"));
  });
  return [
    ...(isSame ? [field.invalid(path, resources, "the same resource cannot be specified multiple times")] : []),
    ...(isMasked
      ? [
          field.invalid(
            path,
            resources,
            "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
          ),
        ]
      : []),
  ];
}

function validateName(name: string, path: Path): FieldError[] {
  const wrong = nameProblem(name);
  return wrong ? [field.invalid(path, name, wrong)] : [];
}

function nameProblem(name: string): string | undefined {
  if (name.toLowerCase() !== name) return "resource name should not contain capital letters";
  if (name === "*") return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  if (withoutApi.has(name)) return "resources which do not have REST API/s cannot be encrypted";
  const { group, resource } = parseGroupResource(name);
  if (group === "events.k8s.io") {
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  }
  if (group === "extensions") return "'extensions' group has been removed and cannot be used for encryption";
  if (group === "*" && resource !== "*") return "encrypting the same resource across groups is not supported";
  return undefined;
}

function validateProvider(provider: EncryptionProvider, path: Path, kmsNames: Set<string>): FieldError[] {
  const named = Object.entries(provider).filter(([, value]) => value !== undefined);
  if (named.length === 0) {
    return [
      field.invalid(
        path,
        {},
        "provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity",
      ),
    ];
  }
  if (named.length > 1) {
    const shown = Object.fromEntries(named.map(([name]) => [name, "REDACTED"]));
    return [
      field.invalid(
        path,
        shown,
        "more than one provider specified in a single element, should split into different list elements",
      ),
    ];
  }
  const { kms, aesgcm, aescbc, secretbox } = provider;
  if (kms) return validateKmsProvider(kms, path.child("kms"), kmsNames);
  if (aesgcm) return validateKeys(aesgcm.keys, path.child("aesgcm", "keys"), aesKeySizes);
  if (aescbc) return validateKeys(aescbc.keys, path.child("aescbc", "keys"), aesKeySizes);
  if (secretbox) return validateKeys(secretbox.keys, path.child("secretbox", "keys"), secretboxKeySizes);
  return [];
}

function validateKeys(keys: readonly EncryptionKey[], path: Path, sizes: readonly number[]): FieldError[] {
  if (keys.length === 0) return [field.required(path, atLeastOne("keys"))];
  return keys.flatMap((key, index) => validateKey(key, path.index(index), sizes));
}

function validateKey({ name, secret }: EncryptionKey, path: Path, sizes: readonly number[]): FieldError[] {
  const nameErrors = name === "" ? [field.required(path.child("name"), "name is a mandatory field for a key")] : [];
  const at = path.child("secret");
  if (secret === "") return [...nameErrors, field.required(at, "secret is a mandatory field for a key")];
  const bytes = decodeSecret(secret);
  if (!bytes) return [...nameErrors, field.invalid(at, "REDACTED", "secrets must be base64 encoded")];
  if (sizes.includes(bytes.length)) return nameErrors;
  const detail = `secret is not of the expected length, got ${bytes.length}, expected one of [${sizes.join(" ")}]`;
  return [...nameErrors, field.invalid(at, "REDACTED", detail)];
}

/** Undefined for what is no base64 with its padding; Node's own decoding takes anything. */
function decodeSecret(secret: string): Buffer | undefined {
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(
    secret.replace(/[\r\n]/g, ""),
  );
  return isBase64 ? Buffer.from(secret, "base64") : undefined;
}
