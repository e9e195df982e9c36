/**
 * Models before Claude Opus 4.8 answer a system message within the conversation with status 400 ("Mid-conversation
 * system messages" and "What's new in Claude 4.8"). A name that says nothing of its model is taken for a newer one.
 */
const before =
  /claude-(?:instant|v?[123](?![0-9])|(?:sonnet|haiku)-4(?![0-9])|opus-4(?![0-9])(?!-[89](?![0-9])))/;

export function takesSystemTurns(model: string): boolean {
  return !before.test(model.toLowerCase());
}
