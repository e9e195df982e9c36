/** Where a client's own request leaves the response it got, before that client makes an error of it. */
export interface ResponseSlot {
  response: Response | undefined;
}

/** Key of the slot, on what the SDK hands through to its fetch or its middleware. */
export const responseSlot: unique symbol = Symbol('managed-llm.response-slot');

/**
 * Keeps the response and tells the SDK that all is well: errors are the chain's to judge, and the SDK would read their
 * bodies. 299 is an ok status that no provider sends.
 */
export function capture(slot: ResponseSlot, response: Response): Response {
  slot.response = response;
  return new Response(null, { status: 299 });
}

/** The response that passed, or a clear fault if the SDK did not send through us. */
export function captured(slot: ResponseSlot): Response {
  if (slot.response === undefined) throw new TypeError('The client answered without sending a request.');
  return slot.response;
}
