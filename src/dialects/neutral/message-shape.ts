import type { DialectId } from '../../core/dialect.ts';
import type { Extras } from './extras.ts';
import type {
  AssistantMessage,
  AssistantPart,
  Citation,
  FilePart,
  ForeignPart,
  ImagePart,
  MediaSource,
  Message,
  ReasoningPart,
  RefusalPart,
  SystemMessage,
  TextPart,
  ToolCallPart,
  ToolMessage,
  UserMessage,
  UserPart,
} from './message.ts';
import {
  anything,
  byMember,
  count,
  dictionary,
  either,
  flag,
  list,
  object,
  oneOf,
  record,
  type Shape,
  text,
} from './shape.ts';

type Source<T extends MediaSource['type']> = Extract<MediaSource, { type: T }>;

const dialect: Shape<DialectId> = oneOf(
  'openai-chat',
  'openai-responses',
  'openai-embeddings',
  'anthropic-messages',
  'neutral',
  'passthrough',
);

export const extras: Shape<Extras> = dictionary(record);

export const citation = object<Citation>(['type'], {
  type: oneOf('url', 'document'),
  url: text,
  title: text,
  quote: text,
  documentIndex: count,
  start: count,
  end: count,
  extras,
});

const source = byMember<MediaSource>('type', {
  url: object<Source<'url'>>(['url'], { type: oneOf('url'), url: text }),
  base64: object<Source<'base64'>>(['data', 'mediaType'], {
    type: oneOf('base64'),
    data: text,
    mediaType: text,
  }),
  text: object<Source<'text'>>(['text'], { type: oneOf('text'), text }),
  id: object<Source<'id'>>(['id', 'dialect'], { type: oneOf('id'), id: text, dialect }),
});

const textPart = object<TextPart>(['text'], {
  type: oneOf('text'),
  text,
  citations: list(citation),
  extras,
});

export const foreignPart = object<ForeignPart>(['dialect'], {
  type: oneOf('foreign'),
  dialect,
  value: anything,
});

const userParts: Readonly<Record<UserPart['type'], Shape<UserPart>>> = {
  text: textPart,
  image: object<ImagePart>(['source'], { type: oneOf('image'), source, extras }),
  file: object<FilePart>(['source'], { type: oneOf('file'), source, name: text, extras }),
  foreign: foreignPart,
};

const assistantParts: Readonly<Record<AssistantPart['type'], Shape<AssistantPart>>> = {
  text: textPart,
  reasoning: object<ReasoningPart>(['text'], { type: oneOf('reasoning'), text, extras }),
  refusal: object<RefusalPart>(['text'], { type: oneOf('refusal'), text, extras }),
  'tool-call': object<ToolCallPart>(['id', 'name'], {
    type: oneOf('tool-call'),
    id: text,
    name: text,
    arguments: anything,
    extras,
  }),
  foreign: foreignPart,
};

/** What a user says, and what a tool gives back. */
const userContent = either(text, list(byMember('type', userParts)));

/** The parts of a reply. */
export const answer = list(byMember('type', assistantParts));

const systemMessage = object<SystemMessage>(['content'], {
  role: oneOf('system', 'developer'),
  content: either(text, list(byMember('type', { text: textPart }))),
  extras,
});

const messages: Readonly<Record<Message['role'], Shape<Message>>> = {
  system: systemMessage,
  developer: systemMessage,
  user: object<UserMessage>(['content'], { role: oneOf('user'), content: userContent, name: text, extras }),
  assistant: object<AssistantMessage>(['content'], {
    role: oneOf('assistant'),
    content: either(text, answer),
    extras,
  }),
  tool: object<ToolMessage>(['toolCallId', 'content'], {
    role: oneOf('tool'),
    toolCallId: text,
    content: userContent,
    isError: flag,
    extras,
  }),
};

export const message = byMember('role', messages);
