import type {
  AssistantPart,
  FilePart,
  ForeignPart,
  ImagePart,
  MediaSource,
  TextPart,
  UserPart,
} from '../neutral/message.ts';
import { asText, items, member } from '../record.ts';
import { decodeCitation } from './citations.ts';
import { dialect, extrasOf, extrasWith, membersExcept } from './own-extras.ts';

/** SDK types `ContentBlockParam` and `ContentBlock`, as far as turns of the user and results of tools hold them. */
export function decodeUserBlock(block: unknown): UserPart {
  switch (member(block, 'type')) {
    case 'text':
      return decodeText(block) ?? foreign(block);
    case 'image':
      return decodeImage(block) ?? foreign(block);
    case 'document':
      return decodeDocument(block) ?? foreign(block);
    default:
      return foreign(block);
  }
}

/** The same, of a turn of the model. */
export function decodeAssistantBlock(block: unknown): AssistantPart {
  switch (member(block, 'type')) {
    case 'text':
      return decodeText(block) ?? foreign(block);
    case 'thinking':
      return {
        type: 'reasoning',
        text: asText(member(block, 'thinking')) ?? '',
        ...extrasWith(thinkingMembers(block)),
      };
    case 'tool_use':
      return {
        type: 'tool-call',
        id: asText(member(block, 'id')) ?? '',
        name: asText(member(block, 'name')) ?? '',
        arguments: member(block, 'input') ?? {},
        ...extrasWith(toolUseMembers(block)),
      };
    default:
      return foreign(block);
  }
}

/** What signs the thinking. An empty signature signs nothing. */
export function thinkingMembers(block: unknown): Readonly<Record<string, unknown>> {
  return membersExcept(
    block,
    'type',
    'thinking',
    ...(member(block, 'signature') === '' ? ['signature'] : []),
  );
}

/** Without the caller where it is the model itself, which is the default. */
export function toolUseMembers(block: unknown): Readonly<Record<string, unknown>> {
  const isDirect = member(member(block, 'caller'), 'type') === 'direct';
  return membersExcept(block, 'type', 'id', 'name', 'input', ...(isDirect ? ['caller'] : []));
}

export function decodeText(block: unknown): TextPart | undefined {
  const text = asText(member(block, 'text'));
  if (text === undefined) return undefined;
  const citations = items(member(block, 'citations')).map(decodeCitation);
  return {
    type: 'text',
    text,
    ...(citations.length === 0 ? {} : { citations }),
    ...extrasOf(block, 'type', 'text', 'citations'),
  };
}

function decodeImage(block: unknown): ImagePart | undefined {
  const source = decodeSource(member(block, 'source'));
  return source === undefined ? undefined : { type: 'image', source, ...extrasOf(block, 'type', 'source') };
}

function decodeDocument(block: unknown): FilePart | undefined {
  const source = decodeSource(member(block, 'source'));
  if (source === undefined) return undefined;
  const name = asText(member(block, 'title'));
  return {
    type: 'file',
    source,
    ...(name === undefined ? {} : { name }),
    ...extrasOf(block, 'type', 'source', ...(name === undefined ? [] : ['title'])),
  };
}

/** `undefined` for a source that is not known, such as content blocks: the block then stays as it is. */
function decodeSource(source: unknown): MediaSource | undefined {
  const text = (key: string): string | undefined => asText(member(source, key));
  const hasOnly = (...keys: readonly string[]): boolean =>
    Object.keys(membersExcept(source, 'type', ...keys)).length === 0;
  const url = text('url');
  const data = text('data');
  const mediaType = text('media_type');
  const id = text('file_id');
  switch (member(source, 'type')) {
    case 'url':
      return url !== undefined && hasOnly('url') ? { type: 'url', url } : undefined;
    case 'base64':
      return data !== undefined && mediaType !== undefined && hasOnly('data', 'media_type')
        ? { type: 'base64', data, mediaType }
        : undefined;
    case 'text':
      return data !== undefined && mediaType === 'text/plain' && hasOnly('data', 'media_type')
        ? { type: 'text', text: data }
        : undefined;
    case 'file':
      return id !== undefined && hasOnly('file_id') ? { type: 'id', id, dialect } : undefined;
    default:
      return undefined;
  }
}

function foreign(block: unknown): ForeignPart {
  return { type: 'foreign', dialect, value: block };
}
