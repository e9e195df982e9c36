import type { StandardSchemaV1, InferInput } from '../core/standard-schema.ts';
import type { PromptDefinition } from './definition.ts';
import type { PromptImage } from './image.ts';
import type { Untrusted } from './untrusted.ts';

/** What may stand in a text for a `{{variable}}`. Numbers must be finite; what else there is, the application writes out. */
export type PromptValue = string | number | boolean | Untrusted;

/** Variables of a prompt whose templates the compiler has not seen: they are checked when it is rendered. */
export type UntypedVariables = Readonly<Record<string, PromptValue | PromptImage>>;

/** Of a prompt whose templates name none. */
type NoVariables = Readonly<Record<string, never>>;

/** The variables that a definition takes: what its schema takes in, else what its templates name. */
export type VariablesOf<D extends PromptDefinition> = D extends {
  readonly variables: infer S extends StandardSchemaV1;
}
  ? ObjectIn<InferInput<S>>
  : NamedIn<D>;

type ObjectIn<T> = T extends object ? T : UntypedVariables;

/** What the templates of a definition name, with the type of each; of each template where it is one of several. */
export type NamedIn<D extends PromptDefinition> = D extends { readonly template: infer T extends string }
  ? T extends string
    ? Named<T, D>
    : never
  : Named<OwnTextsOf<D>, D>;

type Named<Own extends string, D extends PromptDefinition> = string extends Own | UnseenIn<D>
  ? UntypedVariables
  : [NameIn<TagsOf<Own, D>>] extends [never]
    ? NoVariables
    : {
        readonly [Tag in TagsOf<Own, D> as NameIn<Tag>]: Tag extends `image:${string}`
          ? PromptImage
          : PromptValue;
      };

/** Partials that are used and not given. */
export type UnknownPartials<D extends PromptDefinition> = string extends OwnTextsOf<D> | UnseenIn<D>
  ? never
  : Exclude<PartialIn<TagsOf<OwnTextsOf<D>, D>>, keyof PartialsOf<D>>;

/** A tag without its braces: `name`, `image:name`, `> partial`. Reads from left to right, as the template is read. */
type TagsIn<Text extends string, Found extends string = never> = Text extends `${string}{{${infer After}`
  ? After extends `{{${infer Rest}`
    ? TagsIn<Rest, Found>
    : After extends `${infer Inside}}}${infer Rest}`
      ? TagsIn<Rest, Found | Trimmed<Inside>>
      : Found
  : Found;

type Space = ' ' | '\n' | '\r' | '\t';
type Trimmed<Text extends string> = Text extends `${Space}${infer Rest}`
  ? Trimmed<Rest>
  : Text extends `${infer Rest}${Space}`
    ? Trimmed<Rest>
    : Text;

type PartialsOf<D extends PromptDefinition> = D extends { readonly partials: infer P } ? P : {};

/** `string` where one of its partials is not known to the compiler. */
type UnseenIn<D extends PromptDefinition> = string extends PartialsOf<D>[keyof PartialsOf<D>]
  ? string
  : never;

type OwnTextsOf<D extends PromptDefinition> = D extends { readonly template: infer T extends string }
  ? T
  : D extends { readonly messages: readonly { readonly content: infer C extends string }[] }
    ? C
    : string;

/** Every tag of texts and of the partials that they use, however deep. */
type TagsOf<Texts extends string, D extends PromptDefinition> = WithPartials<TagsIn<Texts>, PartialsOf<D>>;

type WithPartials<Tags extends string, Partials, Seen extends string = never> = [
  Exclude<PartialIn<Tags>, Seen>,
] extends [never]
  ? Tags
  : WithPartials<
      Tags | TagsIn<Extract<Partials[Exclude<PartialIn<Tags>, Seen> & keyof Partials], string>>,
      Partials,
      Seen | PartialIn<Tags>
    >;

type PartialIn<Tag extends string> = Tag extends `>${infer Name}` ? Trimmed<Name> : never;

type NameIn<Tag extends string> = Tag extends `>${string}`
  ? never
  : Tag extends `image:${infer Name}`
    ? Trimmed<Name>
    : Tag;
