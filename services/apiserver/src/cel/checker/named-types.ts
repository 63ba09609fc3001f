import * as t from "../types.ts";

/** Types that expressions can name, to compare `type(x)` with them. */
export const namedTypes: Readonly<Record<string, t.Type>> = {
  bool: t.BOOL,
  bytes: t.BYTES,
  double: t.DOUBLE,
  int: t.INT,
  uint: t.UINT,
  string: t.STRING,
  null_type: t.NULL,
  list: t.listOf(t.DYN),
  map: t.mapOf(t.DYN, t.DYN),
  type: t.typeOf(t.DYN),
  optional_type: t.opaque("optional_type"),
  "google.protobuf.Timestamp": t.TIMESTAMP,
  "google.protobuf.Duration": t.DURATION,
};
