import { expect, test } from 'vitest';

import { fetchedResponse, pricedAs } from '../../../../src/interceptors/budget/paid-requests.ts';

const post = (path: string): string | undefined => pricedAs({ method: 'post', path });

test('what only reads or deletes costs nothing, whatever its path', () => {
  for (const method of ['get', 'GET', 'delete', 'HEAD', 'OPTIONS'])
    expect(pricedAs({ method, path: '/images/generations' })).toBeUndefined();
});

test('counting, moderation, uploads, stopping, stored conversations and administration cost nothing', () => {
  for (const path of [
    '/v1/messages/count_tokens',
    '/v1/messages/count_tokens?beta=true',
    '/responses/input_tokens',
    '/moderations',
    '/files',
    '/v1/files/',
    '/uploads',
    '/uploads/upload_123/parts',
    '/uploads/upload_123/complete',
    '/uploads/upload_123/cancel',
    '/responses/resp_123/cancel',
    '/batches/batch_123/cancel',
    '/conversations',
    '/conversations/conv_1/items',
    '/chat/completions/chatcmpl-123',
    '/threads',
    '/threads/thread_1/messages',
    '/organization/projects',
    '/v1/organizations/workspaces',
  ])
    expect([path, post(path)]).toEqual([path, undefined]);
});

test('what is billed by the request has the name of its method', () => {
  expect(post('/images/generations')).toBe('images.generate');
  expect(post('/images/edits')).toBe('images.edit');
  expect(post('/openai/deployments/files/images/generations?api-version=1')).toBe('images.generate');
  expect(post('/audio/speech')).toBe('audio.speech');
  expect(post('/audio/transcriptions')).toBe('audio.transcriptions');
  expect(post('/batches')).toBe('batches');
  expect(post('/v1/messages/batches?beta=true')).toBe('messages.batches');
  expect(post('/completions')).toBe('completions');
  expect(post('/responses/compact')).toBe('responses.compact');
  expect(post('/fine_tuning/jobs')).toBe('fineTuning.jobs');
  expect(post('/threads/runs')).toBe('threads.runs');
  expect(post('/threads/thread_1/runs')).toBe('threads.runs');
  expect(post('/videos/video_1/remix')).toBe('videos');
});

test('a body that could not be read for its dialect is billed all the same', () => {
  expect(post('/v1/chat/completions')).toBe('chat.completions');
  expect(post('/v1/responses')).toBe('responses');
  expect(post('/v1/embeddings')).toBe('embeddings');
  expect(post('/v1/messages')).toBe('messages');
});

test('what is not known is billed under its path, without its ids', () => {
  expect(post('/v1beta/models/gemini-3-pro:generateContent')).toBe(
    '/v1beta/models/gemini-3-pro:generateContent',
  );
  expect(post('/agents/sessions/sess_68b2f/events')).toBe('/agents/sessions/*/events');
  expect(post('api/chat')).toBe('/api/chat');
  expect(pricedAs({ method: 'PUT', path: '/tomorrow' })).toBe('/tomorrow');
});

test('a response that is fetched or stopped is known by its id', () => {
  const id = (method: string, path: string) => fetchedResponse({ method, path });
  expect(id('get', '/responses/resp_1')).toBe('resp_1');
  expect(id('GET', '/openai/v1/responses/resp_1?include[]=x')).toBe('resp_1');
  expect(id('post', '/responses/resp_1/cancel')).toBe('resp_1');
  expect(id('get', '/responses/resp_1/input_items')).toBeUndefined();
  expect(id('delete', '/responses/resp_1')).toBeUndefined();
  expect(id('get', '/responses')).toBeUndefined();
});
