/** What is loaded when the neutral API is first used. */
export { chat } from './chat.ts';
export { embed } from './embed.ts';
export { object } from './object.ts';
export { openStream } from './stream-session.ts';
export { errorFrame } from './error-frame.ts';
