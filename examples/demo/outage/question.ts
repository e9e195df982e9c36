const content = 'Are you there?';

/** What everybody asks, all the time; a request for either SDK. */
export const question = { messages: [{ role: 'user' as const, content }], max_tokens: 100 };

export const answer = `You said: ${content}`;
