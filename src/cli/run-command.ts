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

async function inState<Asked extends { readonly source: Source }>(
  asked: Asked,
  run: (asked: Asked, state: State) => Promise<string>,
  { print, complain }: Terminal,
): Promise<0 | 1 | 2> {
  try {
    const { state, close } = await openState(asked.source);
    try {
      print(await run(asked, state));
      return 0;
    } finally {
      await close();
    }
  } catch (thrown) {
    if (thrown instanceof CommandError) {
      complain(thrown.message);
      return thrown.exitCode;
    }
    if (!ManagedLLMError.isInstance(thrown)) throw thrown;
    complain(thrown.message);
    return 1;
  }
}

async function report(
  { source, out, ...wanted }: ReportCommand,
  { print, complain }: Terminal,
): Promise<0 | 1 | 2> {
  try {
    await checkOut(out);
    const { state, close } = await openState(source);
    try {
      const page = await renderReport({ state, ...wanted });
      await writePage(out, page);
      print(`${out}: ${Math.ceil(Buffer.byteLength(page) / 1_000)} kB. Open it in a browser.`);
      return 0;
    } finally {
      await close();
    }
  } catch (thrown) {
    if (thrown instanceof CommandError) {
      complain(thrown.message);
      return thrown.exitCode;
    }
    if (!ManagedLLMError.isInstance(thrown)) throw thrown;
    complain(`${thrown.message} Nothing was written.`);
    return 1;
  }
}
