import type { TypeName } from "@tskube/apimachinery";

/** The functions that set a type's defaults beyond what the schema can say, by the type they take. */
export type DefaultsByType = Readonly<Record<TypeName, (object: never) => void>>;
