import type { Breakpoints, CacheLifetime, LongEnough } from '../../core/prompt-cache-lens.ts';
import {
  asRecord,
  changeItems,
  changeMember,
  depthLimit,
  items,
  type JsonRecord,
  member,
} from '../record.ts';
import { lastTool, turnEnds, withMarkAt, type Mark } from './markable.ts';

/** A request with more is refused. Anthropic docs, "Prompt caching", November 2026, as is all that is said of it here. */
const mostBreakpoints = 4;

/** In the order in which the provider reads them. */
const sections = ['tools', 'system', 'conversation'] as const;
type Section = (typeof sections)[number];

/** Lifetimes of the breakpoints that a request has. */
type Marked = Readonly<Record<Section, readonly CacheLifetime[]>>;

/** A breakpoint that might be set. */
interface Place {
  readonly section: Section;
  /** Gives the same object back where nothing there can have one. */
  mark(body: unknown, mark: Mark): unknown;
}

/**
 * Sets the breakpoints that are wanted, as far as the four that a request may have go round. A part of the request where
 * the caller has set one is left to the caller; whoever lets the provider set it (`cache_control` of the request) has set
 * one in the conversation. Longer lifetimes come first, or the request is refused: behind one of 5 minutes ours has no
 * more, and where one of an hour follows, 5 minutes are left out. A thread, which the provider holds, takes none (SDK type
 * `ThreadUnsupportedFeatureName`, November 2026).
 */
export function withBreakpoints(body: unknown, wanted: Breakpoints, longEnough: LongEnough): unknown {
  const request = asRecord(body);
  if (request === undefined || request['thread'] != null) return body;
  const marked = marksOf(request);
  let left = mostBreakpoints - sections.reduce((sum, section) => sum + marked[section].length, 0);
  const isLong = prefixesOf(request, longEnough);
  let changed: unknown = body;
  for (const place of placesIn(request)) {
    const lifetime = lifetimeAt(place.section, wanted, marked);
    if (left <= 0 || lifetime === undefined || !isLong(place.section)) continue;
    const after = place.mark(changed, markOf(lifetime));
    if (after === changed) continue;
    changed = after;
    left--;
  }
  return changed;
}

export function isMarked(block: unknown): boolean {
  return member(block, 'cache_control') != null;
}

/** What stands before a breakpoint, the quickest to measure first: of what is long by itself the rest is not looked at. */
const prefixes: Readonly<Record<Section, readonly Section[]>> = {
  tools: ['tools'],
  system: ['system', 'tools'],
  conversation: ['system', 'tools', 'conversation'],
};

const memberOf = { tools: 'tools', system: 'system', conversation: 'messages' } as const;

/** Tells whether the prefix that ends with a section is long enough. Measures each section once at most. */
function prefixesOf(request: JsonRecord, { minTokens, tokensOf }: LongEnough): (section: Section) => boolean {
  const measured = new Map<Section, number>();
  const tokensIn = (section: Section): number => {
    const content = request[memberOf[section]];
    const tokens =
      measured.get(section) ??
      (content === undefined ? 0 : tokensOf({ model: request['model'], [memberOf[section]]: content }));
    measured.set(section, tokens);
    return tokens;
  };
  return (section) => {
    let left = minTokens;
    return left <= 0 || prefixes[section].some((part) => (left -= tokensIn(part)) <= 0);
  };
}

/** The dearest to go without first. */
function placesIn(request: JsonRecord): readonly Place[] {
  const places: Place[] = [
    {
      section: 'system',
      mark: (body, mark) => changeMember(body, 'system', (content) => withMarkAt(content, mark)),
    },
  ];
  for (const index of isConversation(request) ? turnEnds(items(request['messages'])) : [])
    places.push({
      section: 'conversation',
      mark: (body, mark) =>
        changeMember(body, 'messages', (messages) =>
          changeItems(messages, (message, at) =>
            at === index ? changeMember(message, 'content', (content) => withMarkAt(content, mark)) : message,
          ),
        ),
    });
  const last = lastTool(items(request['tools']));
  places.push({
    section: 'tools',
    mark: (body, mark) =>
      changeMember(body, 'tools', (all) =>
        changeItems(all, (tool, at) => (at === last ? { ...asRecord(tool), cache_control: mark } : tool)),
      ),
  });
  return places;
}

/**
 * Whether others will go on from it: there was an answer, or there are tools, whose results come next. A tool that must be
 * called gives the form of an answer.
 */
function isConversation({ messages, tools, tool_choice: choice }: JsonRecord): boolean {
  if (items(messages).some((message) => asRecord(message)?.['role'] === 'assistant')) return true;
  return items(tools).length > 0 && member(choice, 'type') !== 'tool';
}

function lifetimeAt(section: Section, wanted: Breakpoints, marked: Marked): CacheLifetime | undefined {
  const asked = wanted[section];
  if (asked === undefined || marked[section].length > 0) return undefined;
  const at = sections.indexOf(section);
  const isBehindShort = sections.slice(0, at).some((before) => marked[before].includes('5m'));
  const lifetime = isBehindShort ? '5m' : asked;
  const isBeforeLong = sections.slice(at + 1).some((after) => marked[after].includes('1h'));
  return lifetime === '5m' && isBeforeLong ? undefined : lifetime;
}

/** SDK type `CacheControlEphemeral`: 5 minutes are what goes without saying. */
function markOf(lifetime: CacheLifetime): Mark {
  return lifetime === '5m' ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: lifetime };
}

function marksOf(request: JsonRecord): Marked {
  return {
    tools: marksIn(request['tools']),
    system: marksIn(request['system']),
    conversation: [
      ...items(request['messages']).flatMap((message) => marksIn(member(message, 'content'))),
      ...markOn(request),
    ],
  };
}

/** Results of tools hold blocks, and so do documents that are written as such. */
function marksIn(blocks: unknown, depth = 0): readonly CacheLifetime[] {
  if (depth > depthLimit) return [];
  return items(blocks).flatMap((block) => [
    ...markOn(block),
    ...marksIn(member(block, 'content'), depth + 1),
    ...marksIn(member(member(block, 'source'), 'content'), depth + 1),
  ]);
}

function markOn(block: unknown): readonly CacheLifetime[] {
  if (!isMarked(block)) return [];
  return [member(member(block, 'cache_control'), 'ttl') === '1h' ? '1h' : '5m'];
}
