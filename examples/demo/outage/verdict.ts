import { styleText } from 'node:util';
import type { GovernedApplication } from './governed.ts';
import type { Counts } from './print-phase.ts';

/** How the bad day ended. */
export interface Ending {
  readonly governed: GovernedApplication;
  /** Whether calls went back to the first provider. */
  readonly isBack: boolean;
  readonly counts: Counts;
  readonly bareAsked: number;
  readonly bareWaiting: number;
}

/** Says in two lines what came of it, and returns what was not as promised. Judges by what holds on any machine. */
export function judge({ governed, isBack, counts, bareAsked, bareWaiting }: Ending): readonly string[] {
  const { asked, sent, sentAtMost } = governed.whileOpen;
  console.log(
    `${styleText('green', 'governed')}  ${counts.asked} asked, ${counts.failed} failed. ` +
      `While the circuit was open, ${asked} were asked and the first provider was sent ${sent}, to find out.`,
  );
  console.log(
    `${styleText('red', 'bare')}      ${bareAsked} asked, ${counts.bareFailed} failed and ${bareWaiting} still waiting. ` +
      `The first provider was sent ${counts.bareReached}.`,
  );
  const claims = {
    'no governed call fails': counts.failed === 0 && counts.answered === counts.asked,
    'calls of the bare SDK fail': counts.bareFailed > 0,
    'the second provider takes over': counts.bySecond > 0,
    'the circuit opens': asked > 0,
    'an open circuit lets one call through for each cooldown at most': sent <= sentAtMost,
    'calls go back to the first provider when it is well again': isBack,
    'the first provider is sent less than by the bare SDK': counts.reached < counts.bareReached,
  };
  return Object.entries(claims).flatMap(([claim, holds]) => (holds ? [] : [`outage: ${claim}`]));
}
