import type { ReplyLens, RequestLens, TextMap } from '../../core/dialect.ts';
import { reply as anthropicReply } from '../anthropic-messages/reply.ts';
import { request as anthropicRequest } from '../anthropic-messages/request.ts';
import { reply as chatReply } from '../openai-chat/reply.ts';
import { request as chatRequest } from '../openai-chat/request.ts';
import { reply as responsesReply } from '../openai-responses/reply.ts';
import { request as responsesRequest } from '../openai-responses/request.ts';
import { asRecord, asText, changeMember, items, type JsonRecord, member } from '../record.ts';

/**
 * How to read what a neutral body holds in another dialect's shape, with that dialect's own lenses: `extras` of a
 * request are members of its bodies, the value of a foreign part is one item of its messages, input or output.
 */
interface Reader {
  readonly request: RequestLens;
  readonly reply: ReplyLens;
  /** Where items stand in a request and in a reply. */
  readonly asked: Path;
  readonly answered: Path;
}

type Path = readonly (string | 0)[];

const readers = new Map<string, Reader>([
  [
    'openai-chat',
    {
      request: chatRequest,
      reply: chatReply,
      asked: ['messages', 0, 'content', 0],
      answered: ['choices', 0, 'message', 'content', 0],
    },
  ],
  [
    'openai-responses',
    { request: responsesRequest, reply: responsesReply, asked: ['input', 0], answered: ['output', 0] },
  ],
  [
    'anthropic-messages',
    {
      request: anthropicRequest,
      reply: anthropicReply,
      asked: ['messages', 0, 'content', 0],
      answered: ['content', 0],
    },
  ],
]);

/** Texts of a foreign part of a request. `role` is that of the message it stands in. */
export function mapForeignAsked(part: unknown, map: TextMap, role: string): unknown {
  const reader = readerOf(part);
  if (reader === undefined) return part;
  return changeMember(part, 'value', (value) => {
    const body = around(value, reader.asked);
    return within(
      reader.request.mapTexts(body, (text, own) => map(text, own === '' ? role : own)),
      reader.asked,
    );
  });
}

/** Texts of a foreign part of a reply. */
export function mapForeignReply(part: unknown, change: (text: string) => string): unknown {
  const reader = readerOf(part);
  if (reader === undefined) return part;
  return changeMember(part, 'value', (value) =>
    within(reader.reply.mapTexts(around(value, reader.answered), change), reader.answered),
  );
}

/** Whether the part stands for something that the provider holds, so that the request does not show all of itself. */
export function isForeignReference(part: unknown): boolean {
  const reader = readerOf(part);
  return (
    reader !== undefined &&
    reader.request.fingerprint(around(member(part, 'value'), reader.asked)) === undefined
  );
}

/** Extras of a request, each with the lens that reads them. */
export function readExtras(body: unknown): readonly (readonly [string, JsonRecord, RequestLens])[] {
  return Object.entries(asRecord(member(body, 'extras')) ?? {}).flatMap(([dialect, members]) => {
    const record = asRecord(members);
    const lens = readers.get(dialect)?.request;
    return record === undefined || lens === undefined ? [] : [[dialect, record, lens] as const];
  });
}

function readerOf(part: unknown): Reader | undefined {
  return readers.get(asText(member(part, 'dialect')) ?? '');
}

function around(item: unknown, path: Path): unknown {
  return path.reduceRight<unknown>((inner, step) => (step === 0 ? [inner] : { [step]: inner }), item);
}

function within(body: unknown, path: Path): unknown {
  return path.reduce<unknown>((outer, step) => (step === 0 ? items(outer)[0] : member(outer, step)), body);
}
