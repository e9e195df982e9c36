/** A time limit that was passed. */
export interface PassedLimit {
  /**
   * The option to raise. `answer` stands for the limit that the caller's SDK or its call has for one request, whatever it
   * is called there.
   */
  readonly limit:
    | 'answer'
    | 'connectMs'
    | 'firstEventMs'
    | 'betweenEventsMs'
    | 'attemptMs'
    | 'callMs'
    | 'deadlineMs';
  readonly limitMs: number;
  /** What had gone by when it was noticed. */
  readonly elapsedMs: number;
}

const whatHappened: Readonly<Record<PassedLimit['limit'], string>> = {
  answer: 'The attempt got no answer within',
  connectMs: 'The attempt got no connection to send its request on within',
  firstEventMs: 'The stream brought no event within',
  betweenEventsMs: 'The stream went silent for',
  attemptMs: 'The attempt had not ended after',
  callMs: 'The call had not ended after',
  deadlineMs: 'The call had not ended after',
};

/** In words that no SDK takes for those of its own limits. */
export function describePassedLimit({ limit, limitMs }: PassedLimit): string {
  const option =
    limit === 'answer' ? 'the limit that the client or the request has in its SDK' : `\`${limit}\``;
  return `${whatHappened[limit]} ${limitMs} ms, which is its limit. Raise ${option} if it needs longer.`;
}

/** Whether the whole call came to its end, rather than one attempt. */
export function isOfCall({ limit }: PassedLimit): boolean {
  return limit === 'callMs' || limit === 'deadlineMs';
}
