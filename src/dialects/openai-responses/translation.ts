import type { Codec } from '../neutral/codec.ts';
import { member } from '../record.ts';
import { decodeReply } from './decode-reply.ts';
import { decodeRequest } from './decode-request.ts';
import { ResponseDecoder } from './decode-stream.ts';
import { encodeReply } from './encode-reply.ts';
import { encodeRequest } from './encode-request.ts';
import { ResponseEncoder } from './encode-stream.ts';

/** OpenAI's Responses to our own format and back. */
export const openaiResponsesCodec: Codec = {
  id: 'openai-responses',
  request: { decode: decodeRequest, encode: encodeRequest },
  reply: {
    isAnswer: (json) => Array.isArray(member(json, 'output')),
    decode: decodeReply,
    encode: encodeReply,
  },
  stream: { decoder: () => new ResponseDecoder(), encoder: (asked) => new ResponseEncoder(asked) },
};
