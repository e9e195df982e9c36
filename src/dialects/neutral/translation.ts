import { StreamEvent } from '../../core/stream-event.ts';
import type { Loss } from '../../core/translation.ts';
import { member } from '../record.ts';
import type { Codec } from './codec.ts';
import { errors } from './errors.ts';
import { event as eventShape } from './event-shape.ts';
import { reply as replyShape } from './reply-shape.ts';
import { request as requestShape } from './request-shape.ts';
import { leftOut } from './shape.ts';
import { streamLens } from './stream-lens.ts';

/**
 * Between our format and itself, so that a translation from or to it needs no case of its own. What does not have the
 * form of a request, a reply or an event is left out on the way in, so that encoders may trust their types.
 */
export const neutralCodec: Codec = {
  id: 'neutral',
  request: {
    decode(body) {
      const losses: Loss[] = [];
      const read = requestShape(body, '', losses);
      return { value: { ...read, model: read?.model ?? '', messages: read?.messages ?? [] }, losses };
    },
    encode: (request) => ({ value: request, losses: [] }),
  },
  reply: {
    isAnswer: (json) => Array.isArray(member(json, 'content')),
    decode(json) {
      const losses: Loss[] = [];
      const read = replyShape(json, '', losses);
      return {
        value: {
          ...read,
          id: read?.id,
          model: read?.model,
          content: read?.content ?? [],
          stop: read?.stop ?? { reason: 'other' },
          usage: read?.usage,
        },
        losses,
      };
    },
    encode: (reply) => ({ value: reply, losses: [] }),
  },
  stream: {
    decoder() {
      const losses: Loss[] = [];
      return {
        losses,
        push(event) {
          const error = streamLens.error(event);
          if (error !== undefined) return [{ type: 'error', error }];
          if (event.json === undefined) return [];
          const read = eventShape(event.json, 'event', losses);
          if (read !== undefined) return [read];
          losses.push(leftOut('event'));
          return [];
        },
        end: () => [],
      };
    },
    encoder: () => ({
      push: (event) => [
        event.type === 'error' ? errors.event(event.error) : StreamEvent.of(event, event.type),
      ],
      end: () => [],
      losses: [],
    }),
  },
};
