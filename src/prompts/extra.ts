import type { JoinedMember } from './with-extra.ts';

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

/**
 * A body with further members, those in place of the prompt's own, and with turns that follow the prompt's. Where both have
 * settings that are joined, these have the members of both. A member that is `undefined` says nothing.
 */
export type WithExtra<Body, Extra, Turns extends keyof Body, Model extends string | undefined> = Flat<
  Omit<Body & ModelMember<Model>, SaidIn<Extra> | Turns> &
    Omit<Pick<Extra, SaidIn<Extra>>, Turns | JoinedMember> & {
      [K in SaidIn<Extra> & JoinedMember]: K extends keyof Body
        ? Flat<Omit<NonNullable<Body[K]>, keyof Extra[K]> & Extra[K]>
        : Extra[K];
    } & {
      [K in Turns]: Joined<Body[K], K extends keyof Extra ? Extra[K] : unknown>;
    }
>;

type SaidIn<Extra> = { [K in keyof Extra]-?: Extra[K] extends undefined ? never : K }[keyof Extra];

type ModelMember<Model> = [Model] extends [string] ? { model: Model } : {};

type Joined<Own, Further> = Own extends readonly (infer A)[]
  ? Further extends readonly (infer B)[]
    ? (A | B)[]
    : A[]
  : never;

type Flat<T> = { [K in keyof T]: T[K] };
