import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-port=0',
];

/** A Chromium of this machine, if there is one. */
export function findBrowser(): string | undefined {
  return names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

/** How a page is looked at. */
export interface View {
  readonly width: number;
  readonly dark: boolean;
  readonly script: boolean;
}

/** What was seen. */
export interface Seen {
  /** What the page, the browser or its policy complained about. */
  readonly complaints: readonly string[];
  /** Everything that was asked for, the file itself among it. */
  readonly requests: readonly string[];
  /** What expressions came to, evaluated in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Moves the pointer there. */
  point(x: number, y: number): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, any>>;
  readonly result?: Readonly<Record<string, any>>;
}

/** A browser without a window, driven over its debugging protocol. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #messages: Message[] = [];
  #id = 0;

  private constructor(process: ChildProcess, folder: string, socket: WebSocket) {
    this.#process = process;
    this.#folder = folder;
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.id === undefined) this.#messages.push(message);
      else this.#waiting.get(message.id)?.(message);
    });
  }

  static async open(name: string): Promise<Browser> {
    const folder = await mkdtemp(join(tmpdir(), 'managed-llm-browser-'));
    const process = spawn(name, [...flags, `--user-data-dir=${folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const port = await portOf(process);
    const pages = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as readonly {
      readonly type: string;
      readonly webSocketDebuggerUrl: string;
    }[];
    const page = pages.find(({ type }) => type === 'page');
    if (page === undefined) throw new Error('The browser has no page.');
    const socket = new WebSocket(page.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    const browser = new Browser(process, folder, socket);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.#send(`${domain}.enable`);
    return browser;
  }

  async look(file: string, { width, dark, script }: View): Promise<Seen> {
    this.#messages = [];
    await this.#send('Emulation.setDeviceMetricsOverride', {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.#send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
    await this.#send('Emulation.setScriptExecutionDisabled', { value: !script });
    await this.#send('Page.navigate', { url: pathToFileURL(file).href });
    for (let waited = 0; !this.#has('Page.loadEventFired') && waited < 10_000; waited += 20) await sleep(20);
    const messages = this.#messages;
    return {
      get complaints() {
        return messages.flatMap(complaintOf);
      },
      get requests() {
        return messages
          .filter(({ method }) => method === 'Network.requestWillBeSent')
          .map(({ params }) => String(params?.['request'].url));
      },
      evaluate: async <T>(expression: string) => {
        const { result } = await this.#send('Runtime.evaluate', {
          expression,
          returnByValue: true,
          awaitPromise: true,
        });
        return result?.['result'].value as T;
      },
      point: async (x, y) => {
        await this.#send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
      },
    };
  }

  async close(): Promise<void> {
    this.#socket.close();
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await ended;
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #has(method: string): boolean {
    return this.#messages.some((message) => message.method === method);
  }

  #send(method: string, params: object = {}): Promise<Message> {
    const id = (this.#id += 1);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

function portOf(process: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    process.once('exit', () => reject(new Error(`The browser ended: ${said.slice(-500)}`)));
    process.stderr?.on('data', (data) => {
      said += String(data);
      const [, port] = /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said) ?? [];
      if (port !== undefined) resolve(port);
    });
  });
}

function complaintOf({ method, params }: Message): readonly string[] {
  if (method === 'Runtime.exceptionThrown') return [String(params?.['exceptionDetails'].text)];
  if (method === 'Log.entryAdded') return [String(params?.['entry'].text)];
  return method === 'Runtime.consoleAPICalled' ? [`console.${params?.['type']}`] : [];
}
