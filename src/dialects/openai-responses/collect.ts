import type { StreamEvent } from '../../core/stream-event.ts';
import { asCount, asRecord, items, member } from '../record.ts';

/**
 * The response that the last event of a stream has whole. Where its output is left out it is put together from the
 * finished items, as OpenAI's own stream helper does. `undefined` for a stream without its end.
 */
export function collect(events: readonly StreamEvent[]): unknown {
  const finished = new Map<number, unknown>();
  for (const { json } of events) {
    switch (member(json, 'type')) {
      case 'response.output_item.done':
        finished.set(asCount(member(json, 'output_index')) ?? finished.size, member(json, 'item'));
        break;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed': {
        const response = asRecord(member(json, 'response'));
        if (response === undefined || items(response['output']).length > 0) return response;
        return { ...response, output: [...finished].sort(([a], [b]) => a - b).map(([, item]) => item) };
      }
      default:
    }
  }
  return undefined;
}
