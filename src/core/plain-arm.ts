import type { RequestParameters } from './parameters-lens.ts';

/** What the calls of an arm get in place of what they ask for. Plain data; `{}`: they are made as asked. */
export interface PlainArm {
  readonly prompt?: { readonly name: string; readonly version: string };
  /** A route or `provider/model`. */
  readonly model?: string;
  readonly parameters?: RequestParameters;
}
