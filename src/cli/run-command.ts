import type { State } from '../core/state.ts';
import { ManagedLLMError } from '../errors/managed-llm-error.ts';
import { renderReport } from '../report/render-report.ts';
import { readArguments, type ReportCommand } from './arguments.ts';
import { CommandError } from './command-error.ts';
import { help } from './help.ts';
import { openState, type Source } from './open-state.ts';
import { printable } from './printable.ts';
import { runCanary } from './run-canary.ts';
import { runPrompts } from './run-prompts.ts';
import { checkOut, writePage } from './write-page.ts';

/** Where a command speaks. */
export interface Terminal {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
}

/** Runs a command. Returns its exit code: 0, 2 where it was asked wrongly, 1 where something else went wrong. */
export async function runCommand(words: readonly string[], terminal: Terminal): Promise<0 | 1 | 2> {
  const print = (text: string): void => terminal.print(printable(text));
  const complain = (text: string): void => terminal.complain(printable(text));
  const command = readArguments(words);
  switch (command.kind) {
    case 'help':
      print(help);
      return 0;
    case 'wrong':
      complain(command.because);
      return 2;
    case 'report':
      return report(command.report, { print, complain });
    case 'prompts':
      return inState(command.prompts, runPrompts, { print, complain });
    case 'canary':
      return inState(command.canary, runCanary, { print, complain });
    default:
      return command satisfies never;
  }
}

function inState<Asked extends { readonly source: Source }>(
  asked: Asked,
  run: (asked: Asked, state: State) => Promise<string>,
  terminal: Terminal,
): Promise<0 | 1 | 2> {
  return answered(() => withState(asked.source, (state) => run(asked, state)), '', terminal);
}

function report({ source, out, ...wanted }: ReportCommand, terminal: Terminal): Promise<0 | 1 | 2> {
  const write = async (): Promise<string> => {
    await checkOut(out);
    return withState(source, async (state) => {
      const page = await renderReport({ state, ...wanted });
      await writePage(out, page);
      return `${out}: ${Math.ceil(Buffer.byteLength(page) / 1_000)} kB. Open it in a browser.`;
    });
  };
  return answered(write, ' Nothing was written.', terminal);
}

async function withState(source: Source, run: (state: State) => Promise<string>): Promise<string> {
  const { state, close } = await openState(source);
  try {
    return await run(state);
  } finally {
    await close();
  }
}

/** @param more what is said behind a failure of the package's own */
async function answered(
  run: () => Promise<string>,
  more: string,
  { print, complain }: Terminal,
): Promise<0 | 1 | 2> {
  try {
    print(await run());
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommandError) {
      complain(thrown.message);
      return thrown.exitCode;
    }
    if (!ManagedLLMError.isInstance(thrown)) throw thrown;
    complain(`${thrown.message}${more}`);
    return 1;
  }
}
