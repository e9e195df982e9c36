import { unavailabilityOf } from './incident.ts';
import { providerNames, sumOver } from './provider-name.ts';
import type { Group } from './schedules.ts';
import type { Summary } from './summary.ts';

/** What has to hold. */
export class Goals {
  met = 0;
  readonly missed: string[] = [];

  that(holds: boolean, what: string): void {
    if (holds) this.met++;
    else this.missed.push(what);
  }

  /** The bad times are as bad as the table says. */
  judgeSchedules({ name, unavailability, schedules }: Group): void {
    if (unavailability === undefined) return;
    for (const { number, incidents, durationMs } of schedules)
      for (const provider of providerNames) {
        const planned = unavailabilityOf(incidents[provider], durationMs);
        this.that(
          Math.abs(planned - unavailability) < 1e-9,
          `${name}, schedule ${number}: ${provider} is down for ${planned} of the time, not ${unavailability}`,
        );
      }
  }

  judge(group: string, side: string, summary: Summary): void {
    if (side !== 'ours') return;
    const faults = summary.runs.flatMap((run) => run.faults);
    this.that(faults.length === 0, `${group}: ${faults.length} faults of the chain: ${faults[0]}`);
    if (group === 'each target up 99 %') {
      const { delivered } = summary;
      this.that(
        delivered >= 0.9999,
        `${group}: ${(delivered * 100).toFixed(4)} % of calls got content, 99.99 % was to be reached`,
      );
    }
    this.that(
      summary.tooManyLate === 0,
      `${group}: ${summary.tooManyLate} answers 429 after a first answer's headers, none is allowed`,
    );
    const later = summary.amplification('later');
    if (later !== undefined) {
      for (const name of providerNames)
        this.that(
          later[name] <= 1.2,
          `${group}: ${later[name].toFixed(3)} requests a call arrived at ${name} after the first 30 s, 1.2 is allowed`,
        );
      this.that(
        sumOver(later) <= 1.2,
        `${group}: ${sumOver(later).toFixed(3)} requests a call arrived after the first 30 s, 1.2 is allowed`,
      );
    }
  }
}
