import { describe, expect, test } from 'vitest';
import { readArguments } from '../../../src/cli/arguments.ts';

const read = (line: string) => readArguments(line.split(' ').filter((word) => word !== ''));

describe('what is asked for', () => {
  test.each([
    ['report --sqlite llm.db', { source: { kind: 'sqlite', file: 'llm.db' }, out: 'report.html' }],
    [
      'report --redis redis://localhost --prefix my-app: --out november.html',
      { source: { kind: 'redis', url: 'redis://localhost', prefix: 'my-app:' }, out: 'november.html' },
    ],
    [
      'report --postgres=postgres://u:p@db/app --schema mine --from 2026-11 --to=2026-12 --time-zone Europe/Berlin --tag area --title November',
      {
        source: { kind: 'postgres', url: 'postgres://u:p@db/app', schema: 'mine' },
        out: 'report.html',
        from: '2026-11',
        to: '2026-12',
        timeZone: 'Europe/Berlin',
        tag: 'area',
        title: 'November',
      },
    ],
    ['--sqlite llm.db report', { source: { kind: 'sqlite', file: 'llm.db' }, out: 'report.html' }],
    [
      'report --postgres postgres:///app?host=/var/run/postgresql',
      {
        source: { kind: 'postgres', url: 'postgres:///app?host=/var/run/postgresql', schema: undefined },
        out: 'report.html',
      },
    ],
  ])('%s', (line, report) => {
    expect(read(line)).toEqual({ kind: 'report', report });
  });

  test.each([
    ['prompts labels support', { action: 'labels', name: 'support' }],
    ['prompts diff support 3 4', { action: 'diff', name: 'support', from: '3', to: '4' }],
    [
      'prompts label support production 4 --by alice --note faster',
      { action: 'label', name: 'support', label: 'production', version: '4', by: 'alice', note: 'faster' },
    ],
    [
      'prompts rollback support production --by alice',
      { action: 'rollback', name: 'support', label: 'production', by: 'alice' },
    ],
  ])('%s', (line, prompts) => {
    const source = { kind: 'redis', url: 'redis://a', prefix: 'p:' };
    expect(read(`${line} --redis redis://a --prefix p:`)).toEqual({
      kind: 'prompts',
      prompts: { ...prompts, source },
    });
  });

  test.each(['--help', 'report --help', 'report -h', 'help', 'report --sqlite --help'])(
    '%s is help',
    (line) => {
      expect(read(line)).toEqual({ kind: 'help' });
    },
  );
});

describe('what is asked wrongly is told by its name, and with what to write instead', () => {
  test.each([
    ['', 'No command: write one of `managed-llm report`, `managed-llm prompts`, `managed-llm canary`.'],
    [
      'reprot --sqlite x',
      '`reprot` is no command. There are `managed-llm report`, `managed-llm prompts`, `managed-llm canary`.',
    ],
    ['report', 'give `--sqlite FILE`, `--redis URL` or `--postgres URL`'],
    ['report llm.db', '`llm.db` stands where nothing is expected'],
    ['report --sqllite llm.db', '`--sqllite` is no option. Did you mean `--sqlite`?'],
    ['report --whatever', '`--whatever` is no option. `managed-llm --help` lists them all.'],
    ['report -x', '`-x` is no option.'],
    ['report --sqlite', '`--sqlite` needs a file, as in `--sqlite llm.db`.'],
    ['report --sqlite=', '`--sqlite` needs a file'],
    ['report --sqlite --out x', '`--sqlite` needs a file'],
    ['report --sqlite a --sqlite b', '`--sqlite` is given twice: give it once.'],
    [
      'report --sqlite a --redis redis://b',
      '`--sqlite` and `--redis` are given: a command is about one store',
    ],
    ['report --sqlite a --prefix b', '`--prefix` is of Redis alone: give it with `--redis`.'],
    ['report --sqlite a --schema b', '`--schema` is of PostgreSQL alone: give it with `--postgres`.'],
    ['report --redis localhost:6379', '`--redis` has to be a URL, as in `--redis redis://localhost:6379`'],
    ['report --postgres http://db', 'beginning with `postgres://` or `postgresql://`'],
    [
      'report --sqlite a --from yesterday',
      '`--from` is "yesterday", which is no time: give a day (`2026-11-01`)',
    ],
    ['report --sqlite a --to 2026-13', '`--to` is "2026-13", which is no time'],
    ['report --sqlite a --from 2026-12 --to 2026-11', '`--to` (2026-11) is not after `--from` (2026-12)'],
    ['prompts --sqlite a', 'Nothing says what to do: write `managed-llm prompts` and one of `labels`'],
    ['prompts rolback a b --sqlite a', '`prompts rolback` is no command. Did you mean `prompts rollback`?'],
    ['prompts toString a --sqlite a', '`prompts toString` is no command'],
    ['prompts labels --sqlite a', 'Write `managed-llm prompts labels NAME …`.'],
    ['prompts labels a b --sqlite a', 'Write `managed-llm prompts labels NAME …`.'],
    [
      'prompts label a b --by c --sqlite a',
      'Write `managed-llm prompts label NAME LABEL VERSION --by WHO …`.',
    ],
    ['prompts rollback a b --sqlite a', 'Nothing says who it is, for the history'],
    ['prompts history a --by c --sqlite a', '`--by` and `--note` are for those who move a label'],
    ['prompts labels a', 'Nothing says where the labels are'],
    ['prompts labels a --sqlite b --out c', '`--out` is of `managed-llm report` alone: leave it out.'],
    [
      'report --sqlite a --by b',
      '`--by` is of `managed-llm prompts`, `managed-llm canary` alone: leave it out.',
    ],
    ['canary abrot a --sqlite b', '`canary abrot` is no command. Did you mean `canary abort`?'],
    [
      'canary abort a --sqlite b',
      'Nothing says who it is, for the history: write `managed-llm canary abort NAME --by WHO …`.',
    ],
    [
      'canary status a --by c --sqlite b',
      '`--by` and `--reason` are for those who end a canary: write `managed-llm canary status NAME …`.',
    ],
    ['report --sqlite a --time-zone Mars', '`--time-zone` is "Mars", which is no time zone'],
  ])('%s', (line, message) => {
    const command = read(line);
    expect(command.kind).toBe('wrong');
    expect(command.kind === 'wrong' && command.because).toContain(message);
  });

  test('without the URL, which may hold a password', () => {
    const command = read('report --redis https://user:secret@host');
    expect(JSON.stringify(command)).not.toContain('secret');
  });
});
