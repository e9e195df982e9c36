import { StreamEvent } from '../../core/stream-event.ts';
import { asRecord, asText, items, type JsonRecord } from '../record.ts';

type Unnumbered = JsonRecord & { readonly type: string };

/** Events that add up to the response, in the order OpenAI sends them. None for what is no response. */
export function explode(json: unknown): readonly StreamEvent[] {
  const response = asRecord(json);
  if (response === undefined || !Array.isArray(response['output'])) return [];
  const begun = {
    ...response,
    status: 'in_progress',
    output: [],
    usage: null,
    completed_at: null,
    incomplete_details: null,
  };
  const status = asText(response['status']);
  const events: Unnumbered[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...items(response['output']).flatMap((item, index) => eventsOfItem(asRecord(item) ?? {}, index)),
    {
      type: status === 'incomplete' || status === 'failed' ? `response.${status}` : 'response.completed',
      response,
    },
  ];
  return events.map((event, sequence_number) => StreamEvent.of({ ...event, sequence_number }, event.type));
}

function eventsOfItem(item: JsonRecord, output_index: number): Unnumbered[] {
  const [begun, growth] = opened(item, { item_id: item['id'], output_index });
  const started = Object.hasOwn(item, 'status') ? { ...begun, status: 'in_progress' } : begun;
  return [
    { type: 'response.output_item.added', output_index, item: started },
    ...growth,
    { type: 'response.output_item.done', output_index, item },
  ];
}

/** An item as it begins, and the events that make it whole. Items of other kinds come whole at once. */
function opened(item: JsonRecord, place: JsonRecord): [JsonRecord, readonly Unnumbered[]] {
  switch (item['type']) {
    case 'message':
      return [
        { ...item, content: [] },
        items(item['content']).flatMap((part, at) => eventsOfPart(part, at, place)),
      ];
    case 'reasoning': {
      const hasContent = Array.isArray(item['content']);
      return [
        { ...item, summary: [], ...(hasContent ? { content: [] } : {}) },
        [
          ...items(item['summary']).flatMap((part, at) => eventsOfSummary(part, at, place)),
          ...items(item['content']).flatMap((part, at) => eventsOfPart(part, at, place)),
        ],
      ];
    }
    case 'function_call':
      return grown(item, 'arguments', 'response.function_call_arguments', place);
    case 'custom_tool_call':
      return grown(item, 'input', 'response.custom_tool_call_input', place);
    default:
      return [item, []];
  }
}

function grown(
  item: JsonRecord,
  key: string,
  event: string,
  place: JsonRecord,
): [JsonRecord, readonly Unnumbered[]] {
  const text = asText(item[key]) ?? '';
  // Without an id, which some servers leave out, the events could not name their item.
  if (text === '' || asText(item['id']) === undefined) return [item, []];
  return [
    { ...item, [key]: '' },
    [
      { type: `${event}.delta`, ...place, delta: text },
      {
        type: `${event}.done`,
        ...place,
        [key]: text,
        ...(key === 'arguments' ? { name: item['name'] } : {}),
      },
    ],
  ];
}

function eventsOfPart(content: unknown, content_index: number, itemPlace: JsonRecord): Unnumbered[] {
  const part = asRecord(content) ?? {};
  const place = { ...itemPlace, content_index };
  const around = (begun: JsonRecord, growth: readonly Unnumbered[]): Unnumbered[] => [
    { type: 'response.content_part.added', ...place, part: begun },
    ...growth,
    { type: 'response.content_part.done', ...place, part },
  ];
  const logprobs = items(part['logprobs']);
  const text = asText(part['text']) ?? '';
  switch (part['type']) {
    case 'output_text':
      return around(
        { ...part, text: '', annotations: [], ...(logprobs.length === 0 ? {} : { logprobs: [] }) },
        [
          ...(text === '' ? [] : [{ type: 'response.output_text.delta', ...place, delta: text, logprobs }]),
          ...items(part['annotations']).map((annotation, annotation_index) => ({
            type: 'response.output_text.annotation.added',
            ...place,
            annotation_index,
            annotation,
          })),
          { type: 'response.output_text.done', ...place, text, logprobs },
        ],
      );
    case 'refusal': {
      const refusal = asText(part['refusal']) ?? '';
      return around({ ...part, refusal: '' }, [
        ...(refusal === '' ? [] : [{ type: 'response.refusal.delta', ...place, delta: refusal }]),
        { type: 'response.refusal.done', ...place, refusal },
      ]);
    }
    case 'reasoning_text':
      return around({ ...part, text: '' }, [
        ...(text === '' ? [] : [{ type: 'response.reasoning_text.delta', ...place, delta: text }]),
        { type: 'response.reasoning_text.done', ...place, text },
      ]);
    default:
      return around(part, []);
  }
}

function eventsOfSummary(content: unknown, summary_index: number, itemPlace: JsonRecord): Unnumbered[] {
  const part = asRecord(content) ?? {};
  const place = { ...itemPlace, summary_index };
  const text = asText(part['text']) ?? '';
  return [
    { type: 'response.reasoning_summary_part.added', ...place, part: { ...part, text: '' } },
    ...(text === '' ? [] : [{ type: 'response.reasoning_summary_text.delta', ...place, delta: text }]),
    { type: 'response.reasoning_summary_text.done', ...place, text },
    { type: 'response.reasoning_summary_part.done', ...place, part },
  ];
}
