import { memoryVectors } from 'managed-llm';
import { redisVectors } from 'managed-llm/redis';
import { describeVectorStoreContract, manualClock } from 'managed-llm/testing';
import { faissVectors, pineconeVectors } from 'managed-llm/vectors';
import { describe, test } from 'vitest';
import { clear, connect, freshPrefix } from '../redis.ts';
import { FlatIndex } from '../vector-doubles/faiss.ts';
import { PineconeDouble } from '../vector-doubles/pinecone.ts';
import { VectorSetDouble } from '../vector-doubles/redis.ts';

describe('vectors in this process', () => {
  const open = () => {
    const clock = manualClock();
    return { store: memoryVectors({ clock }), pass: (ms: number) => clock.advance(ms) };
  };
  describeVectorStoreContract({ test }, { name: 'memory', open, timed: true });
});

describe('vectors in indexes of FAISS (a double)', () => {
  const open = () => {
    const clock = manualClock();
    const store = faissVectors({ create: (dimensions) => new FlatIndex(dimensions), clock });
    return { store, pass: (ms: number) => clock.advance(ms) };
  };
  describeVectorStoreContract({ test }, { name: 'faiss', open, timed: true });
});

describe('vectors in Pinecone (a double)', () => {
  const dimensions = 24;
  const open = () => {
    const clock = manualClock();
    const store = pineconeVectors({ index: new PineconeDouble(dimensions), clock });
    return { store, pass: (ms: number) => clock.advance(ms) };
  };
  describeVectorStoreContract({ test }, { name: 'pinecone', open, timed: true, dimensions });
});

describe('vectors in vector sets of Redis (a double)', () => {
  const open = () => {
    const clock = manualClock();
    const store = redisVectors({ client: new VectorSetDouble(clock.now), clock });
    return { store, pass: (ms: number) => clock.advance(ms) };
  };
  describeVectorStoreContract({ test }, { name: 'redis', open, timed: true });
});

/** A Redis 8 or later, which not every machine has. */
const redis8Url = process.env['REDIS_VECTORS_URL'];

describe.skipIf(redis8Url === undefined)('vectors in a real Redis 8', () => {
  const open = () => {
    const prefix = freshPrefix();
    const client = connect({}, redis8Url);
    const clock = manualClock(Date.now());
    return {
      store: redisVectors({ client, prefix, clock }),
      // Keys last by the server's own time, vectors by the clock of whoever asks.
      pass: (ms: number) => clock.advance(ms),
      close: async () => {
        await clear(client, prefix);
        client.disconnect();
      },
    };
  };
  describeVectorStoreContract({ test }, { name: 'redis', open, timed: true });
});
