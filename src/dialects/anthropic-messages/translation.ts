import type { Codec } from '../neutral/codec.ts';
import { member } from '../record.ts';
import { decodeReply } from './decode-reply.ts';
import { decodeRequest } from './decode-request.ts';
import { decoder } from './decode-stream.ts';
import { encodeReply } from './encode-reply.ts';
import { encodeRequest } from './encode-request.ts';
import { encoder } from './encode-stream.ts';
import { dialect } from './own-extras.ts';

/** Anthropic's Messages and the neutral format. */
export const anthropicMessagesCodec: Codec = {
  id: dialect,
  request: { decode: decodeRequest, encode: encodeRequest },
  reply: {
    isAnswer: (json) => Array.isArray(member(json, 'content')),
    decode: decodeReply,
    encode: encodeReply,
  },
  stream: { decoder, encoder },
};
