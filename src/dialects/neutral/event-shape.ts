import type {
  CitationEvent,
  ErrorEvent,
  FinishEvent,
  ForeignEvent,
  NeutralEvent,
  PartEnd,
  StartEvent,
  TextDelta,
  ToolCallDelta,
  ToolCallEvent,
  ToolCallStart,
} from './event.ts';
import { citation, extras, foreignPart } from './message-shape.ts';
import { stop, usage } from './reply-shape.ts';
import { anything, byMember, count, object, oneOf, type Shape, text } from './shape.ts';

const textDelta = object<TextDelta>(['part', 'text'], {
  type: oneOf('text-delta', 'reasoning-delta', 'refusal-delta'),
  part: count,
  text,
});

const events: Readonly<
  Record<Exclude<NeutralEvent, ErrorEvent>['type'], Shape<Exclude<NeutralEvent, ErrorEvent>>>
> = {
  start: object<StartEvent>([], { type: oneOf('start'), id: text, model: text, usage }),
  'text-delta': textDelta,
  'reasoning-delta': textDelta,
  'refusal-delta': textDelta,
  citation: object<CitationEvent>(['part', 'citation'], { type: oneOf('citation'), part: count, citation }),
  'tool-call-start': object<ToolCallStart>(['part', 'id', 'name'], {
    type: oneOf('tool-call-start'),
    part: count,
    id: text,
    name: text,
  }),
  'tool-call-delta': object<ToolCallDelta>(['part', 'text'], {
    type: oneOf('tool-call-delta'),
    part: count,
    text,
  }),
  'tool-call': object<ToolCallEvent>(['part', 'id', 'name'], {
    type: oneOf('tool-call'),
    part: count,
    id: text,
    name: text,
    arguments: anything,
    extras,
  }),
  foreign: object<ForeignEvent>(['part', 'value'], {
    type: oneOf('foreign'),
    part: count,
    value: foreignPart,
  }),
  'part-end': object<PartEnd>(['part'], { type: oneOf('part-end'), part: count, extras }),
  finish: object<FinishEvent>(['stop'], { type: oneOf('finish'), stop, usage, extras }),
};

/** All but errors, which have a lens of their own. */
export const event = byMember('type', events);
