import type { State } from '../core/state.ts';

/** How many of those that use a state have not let go of it. */
const users = new WeakMap<State, number>();

export function enterState(state: State): void {
  users.set(state, (users.get(state) ?? 0) + 1);
}

/** Disposes of a state that nobody uses any more: another `ManagedLLM` may hold slots of the same one. */
export async function leaveState(state: State): Promise<void> {
  const left = (users.get(state) ?? 1) - 1;
  users.set(state, left);
  if (left === 0) await state.dispose?.();
}
