import type { Codec } from '../neutral/codec.ts';
import { member } from '../record.ts';
import { decodeReply } from './decode-reply.ts';
import { decodeRequest } from './decode-request.ts';
import { ChunkDecoder } from './decode-stream.ts';
import { encodeReply } from './encode-reply.ts';
import { encodeRequest } from './encode-request.ts';
import { ChunkEncoder } from './encode-stream.ts';
import { own } from './extras.ts';

/** Between Chat Completions and the neutral format. */
export const openaiChatCodec: Codec = {
  id: own,
  request: { decode: decodeRequest, encode: encodeRequest },
  reply: {
    isAnswer: (json) => Array.isArray(member(json, 'choices')),
    decode: decodeReply,
    encode: encodeReply,
  },
  stream: {
    decoder: () => new ChunkDecoder(),
    encoder: (asked) => new ChunkEncoder(asked),
  },
};
