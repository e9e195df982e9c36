/** Where a client's own request leaves the response it got, before that client makes an error of it. */
export interface ResponseSlot {
  response: Response | undefined;
  /** Why there is none, before the SDK wraps it. */
  thrown?: { readonly value: unknown };
}

/** Key of the slot, on what the SDK hands through to its fetch or its middleware. */
export const responseSlot: unique symbol = Symbol('managed-llm.response-slot');

/**
 * Keeps the response and tells the SDK that all is well: errors are the chain's to judge, and the SDK would read their
 * bodies. 299 is an ok status that no provider sends.
 */
function capture(slot: ResponseSlot, response: Response): Response {
  slot.response = response;
  return new Response(null, { status: 299 });
}

/** Runs what the client's own transport does, and keeps how it went. */
export async function capturing(slot: ResponseSlot, send: () => Promise<Response>): Promise<Response> {
  try {
    return capture(slot, await send());
  } catch (value) {
    slot.thrown = { value };
    throw value;
  }
}

/** The response that passed while the SDK was busy, or what its transport threw. */
export async function captured(slot: ResponseSlot, sending: PromiseLike<unknown>): Promise<Response> {
  try {
    await sending;
  } catch (error) {
    throw slot.thrown === undefined ? error : slot.thrown.value;
  }
  if (slot.response === undefined) throw new TypeError('The client answered without sending a request.');
  return slot.response;
}
