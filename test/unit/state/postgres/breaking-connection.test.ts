import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { postgresState } from 'managed-llm/postgres';
import { Pool } from 'pg';
import { expect, test } from 'vitest';

/** A message of the server: its kind, its length, and what it says. */
function message(kind: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(kind), length, content]);
}

const ready = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]);
const shutDown = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0'));

test('a connection that ends in the very bytes that say it is ready fails a question, and not the process', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(Buffer.concat([ready, shutDown])));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  const state = postgresState({ pool });
  await expect(Promise.resolve(state.cache?.get('key'))).rejects.toThrow(
    expect.objectContaining({ code: 'state-unreachable' }),
  );
  await state.dispose?.();
  await pool.end();
  server.close();
});
