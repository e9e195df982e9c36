import { recordedExchanges, type Exchange } from '../recordings/exchanges.ts';
import type { Format } from './judge-reply.ts';
import { record, type Wire } from './wire.ts';

/** Requests and replies as they go over the wire, by format. */
export interface Rows {
  readonly areRecorded: boolean;
  readonly requests: readonly { readonly id: string; readonly format: Format; readonly body: Wire }[];
  readonly replies: readonly RecordedReply[];
}

export interface RecordedReply {
  readonly id: string;
  readonly format: Format;
  readonly stream: boolean;
  /** JSON text, or the text of the stream. */
  readonly text: string;
}

const formats: Readonly<Record<string, Format>> = {
  'openai.chat': 'chat',
  'openai.responses': 'responses',
  'anthropic.messages': 'anthropic',
};

/** The recordings beside the repository, or `undefined` where there are none. */
export function recordedRows(): Rows | undefined {
  const exchanges = recordedExchanges();
  if (exchanges === undefined) return undefined;
  const known = exchanges.flatMap((exchange) => {
    const format = formats[exchange.operation];
    return format === undefined ? [] : [{ ...exchange, format }];
  });
  return {
    areRecorded: true,
    requests: known.map(({ id, format, request }) => ({ id, format, body: request.body })),
    replies: known.filter(isAnswer).map(({ id, format, stream, response }) => ({
      id,
      format,
      stream: response.sse !== undefined && stream,
      text: response.sse ?? JSON.stringify(response.body),
    })),
  };
}

/** Not a failure, nor a failure inside a reply that began well. */
function isAnswer({ response }: Exchange): boolean {
  if (response.status >= 400) return false;
  if (response.sse !== undefined) return !/"error":\s*\{|event: error/.test(response.sse);
  return record(response.body)['error'] === undefined || record(response.body)['error'] === null;
}
