import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

import { anthropicMessages } from './anthropic-messages.ts';
import type { Protocol } from './protocol.ts';
import { errorType } from './provider-error.ts';
import { wireEvent } from './wire-event.ts';

/**
 * Anthropic models on Bedrock: Messages JSON in AWS's binary frames.
 * Source: docs.aws.amazon.com/bedrock, InvokeModelWithResponseStream, and smithy.io "Amazon Event Stream", Nov 2026.
 */
export const bedrockMessages: Protocol = {
  ...anthropicMessages,
  family: 'bedrock',
  streamType: 'application/vnd.amazon.eventstream',
  inBandError: (error, status) => {
    const type = errorType('bedrock', status, error);
    const name = type.charAt(0).toLowerCase() + type.slice(1);
    return wireEvent({ message: error.message ?? 'Too many requests' }, { name: `exception ${name}` });
  },
  frame: (event) => {
    const text = typeof event.data === 'string' ? event.data : JSON.stringify(event.data);
    if (event.name?.startsWith('exception ') === true) {
      return awsEventFrame(
        {
          ':exception-type': event.name.slice('exception '.length),
          ':content-type': 'application/json',
          ':message-type': 'exception',
        },
        Buffer.from(text),
      );
    }
    const payload = { bytes: Buffer.from(text).toString('base64'), p: 'abcdefgh' };
    return awsEventFrame(
      { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' },
      Buffer.from(JSON.stringify(payload)),
    );
  },
};

/** One frame: total length, headers' length, checksum of both, headers, payload, checksum of all. */
export function awsEventFrame(
  headers: Readonly<Record<string, string>>,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const encoded = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const frame = Buffer.from(new ArrayBuffer(16 + encoded.length + payload.length));
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(encoded.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  frame.set(encoded, 12);
  frame.set(payload, 12 + encoded.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, frame.length - 4)), frame.length - 4);
  return new Uint8Array(frame.buffer);
}

/** Type 7: a UTF-8 string. */
function encodeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const head = Buffer.from([nameBytes.length]);
  const middle = Buffer.alloc(3);
  middle.writeUInt8(7, 0);
  middle.writeUInt16BE(valueBytes.length, 1);
  return Buffer.concat([head, nameBytes, middle, valueBytes]);
}
