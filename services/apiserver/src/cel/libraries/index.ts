import { type Functions, functionTable } from "../functions.ts";
import { addresses } from "./addresses.ts";
import { arithmetic } from "./arithmetic.ts";
import { conversions } from "./conversions.ts";
import { namedFormats } from "./formats.ts";
import { lists } from "./lists.ts";
import { optionals } from "./optionals.ts";
import { quantities } from "./quantities.ts";
import { relations } from "./relations.ts";
import { semvers } from "./semvers.ts";
import { texts } from "./texts.ts";
import { times } from "./times.ts";
import { urls } from "./urls.ts";

/** Every library that all expressions of Kubernetes have. */
export const baseLibraries = [
  arithmetic,
  relations,
  conversions,
  times,
  texts,
  lists,
  optionals,
  quantities,
  addresses,
  urls,
  namedFormats,
  semvers,
] as const;

export const baseFunctions: Functions = functionTable(...baseLibraries);
