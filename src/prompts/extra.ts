/**
 * What else a body may hold. Written so that the compiler keeps texts and numbers as they are written there:
 * `{ stream: true, reasoning_effort: 'low' }` is what the SDK's types are then compared with.
 */
export type Kept =
  | ''
  | (string & {})
  | 0
  | (number & {})
  | boolean
  | null
  | undefined
  | object
  | Kept[]
  | { [name: string]: Kept };

/** Further members of a body; turns that follow those of the prompt. */
export interface ChatExtra {
  readonly messages?: readonly Kept[];
  /** Instructions stand in the prompt. */
  readonly system?: never;
  readonly [member: string]: Kept;
}

/** The same for Responses. */
export interface ResponsesExtra {
  readonly input?: readonly Kept[] | string;
  /** Instructions stand in the prompt. */
  readonly instructions?: never;
  readonly [member: string]: Kept;
}

/** A body with further members, those in place of the prompt's own, and with turns that follow the prompt's. */
export type WithExtra<Body, Extra, Turns extends keyof Body, Model extends string | undefined> = Flat<
  Omit<Body & ModelMember<Model>, keyof Extra | Turns> &
    Omit<Extra, Turns> & {
      [K in Turns]: Joined<Body[K], K extends keyof Extra ? Extra[K] : unknown>;
    }
>;

type ModelMember<Model> = Model extends string ? { model: Model } : {};

type Joined<Own, Further> = Own extends readonly (infer A)[]
  ? Further extends readonly (infer B)[]
    ? (A | B)[]
    : A[]
  : never;

type Flat<T> = { [K in keyof T]: T[K] };
