import { memoryState, type Accounts, type Clock, type State } from 'managed-llm';

/** What becomes of a question: `answer` asks the real accounts. */
export type Fate = (method: keyof Accounts, answer: () => unknown) => unknown;

/** A state in memory whose accounts are asked as it says. */
export function stateThat(fate: Fate, clock: Clock): State {
  const { accounts, ...others } = memoryState({ clock });
  if (accounts === undefined) throw new TypeError('Memory keeps accounts.');
  return { ...others, accounts: asked(accounts, fate) };
}

/** The same accounts, asked in another way. */
export function asked(accounts: Accounts, fate: Fate): Accounts {
  return new Proxy(accounts, {
    get: (of, name: keyof Accounts) => {
      const method = of[name] as (...given: unknown[]) => unknown;
      return (...given: unknown[]) => fate(name, () => method.apply(of, given));
    },
  });
}
