import { Dice } from './generate.ts';
import { directions, Relay } from './relay.ts';
import { judgeRequest } from './judge-request.ts';
import { judgeReply } from './judge-reply.ts';
import { responseOf, saidBy, simpleRequest } from './replies.ts';
import { readers } from './requests.ts';
import type { Rows } from './rows.ts';
import type { Counted } from './streaming.ts';
import { dataOf } from './wire.ts';

/** That the judges see what they are there for: something is taken away, or kept quiet, and must be missed. */
export async function proveWatching(rows: Rows, seed: number): Promise<Counted> {
  const dice = new Dice(seed);
  const counted: Counted = { of: 0, through: 0, failures: [] };
  const noticed = (what: string, failures: readonly string[]): void => {
    counted.of++;
    if (failures.length > 0) counted.through++;
    else counted.failures.push(`${what}, and the judge did not see it`);
  };
  for (const direction of directions.slice(0, 3)) {
    const answer = rows.replies.find(({ format, stream }) => format === direction.target && !stream);
    if (answer === undefined) continue;
    const relay = new Relay(() => Promise.resolve(responseOf(answer)));
    for (const { id, format, body } of rows.requests) {
      if (format !== direction.caller || !dice.chance(0.3)) continue;
      const { stream_options: _options, ...rest } = body;
      const asked = { ...rest, model: direction.model, stream: false };
      const { sent, receipt } = await relay.ask(format, asked);
      if (sent === undefined || receipt === undefined) continue;
      const here = readers[format](asked);
      const there = readers[direction.target](sent);
      const gone = dice.below(there.length);
      const fact = there[gone];
      const isOfAsked = here.some(({ kind, value }) => kind === fact?.kind && value === fact.value);
      if (fact !== undefined && isOfAsked) {
        const left = there.filter((_, at) => at !== gone);
        noticed(
          `${direction.name}: ${id}: ${fact.kind} was taken from the request`,
          judgeRequest(
            here,
            left,
            receipt.losses.filter(({ path }) => !path.startsWith(fact.path)),
            direction.target,
          ).failures,
        );
      }
    }
    for (const reply of rows.replies) {
      if (reply.format !== direction.target || !dice.chance(0.3)) continue;
      const { heard, receipt } = await new Relay(() => Promise.resolve(responseOf(reply))).ask(
        direction.caller,
        simpleRequest(direction, reply.stream),
      );
      const here = saidBy(reply.format, reply.stream ? dataOf(reply.text) : JSON.parse(reply.text));
      const there = saidBy(direction.caller, heard);
      const gone = dice.below(there.parts.length);
      if (receipt === undefined || there.parts[gone] === undefined || there.parts[gone].text === '') continue;
      const left = { ...there, parts: there.parts.filter((_, at) => at !== gone) };
      noticed(
        `${direction.name}: ${reply.id}: ${there.parts[gone].kind} was taken from the reply`,
        judgeReply(here, left, receipt.losses, direction.target, direction.caller).failures,
      );
      if (receipt.losses.length > 0)
        noticed(
          `${direction.name}: ${reply.id}: losses were kept quiet`,
          judgeReply(here, there, [], direction.target, direction.caller).failures,
        );
    }
  }
  return counted;
}
