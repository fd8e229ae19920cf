// Firefox, driven by WebDriver BiDi over a web socket: real keys and a real pointer, and no program between.
// `node e2e/firefox.mjs` prints its path, or fails where there is none.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
// Node has web sockets of its own from version 22 on.
import bundle from 'playwright-core/lib/utilsBundle';
import { installed } from './installed.mjs';

/** The path of the Firefox to test with: the environment's FIREFOX, else the first one installed, else null. */
export function firefoxPath() {
  return process.env.FIREFOX ?? installed(['firefox-esr', 'firefox'], ['/Applications/Firefox.app/Contents/MacOS/firefox']);
}

if (basename(process.argv[1] ?? '') === 'firefox.mjs') {
  const path = firefoxPath();
  if (path === null) process.exit(1);
  console.log(path);
}

// Nothing calls home, nothing asks.
const PREFERENCES = {
  'app.update.disabledForTesting': true,
  'browser.shell.checkDefaultBrowser': false,
  'browser.formfill.enable': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'signon.rememberSignons': false,
  'toolkit.telemetry.server': '',
};

/** WebDriver's code points of the keys that are not a character (WebDriver, 17.4.2). */
const KEYS = { Enter: '\uE007', Tab: '\uE004', Escape: '\uE00C', Control: '\uE009', Shift: '\uE008', End: '\uE010', ArrowUp: '\uE013', Backspace: '\uE003' };

/** Starts Firefox: `{ page(options), close }`. */
export async function startFirefox() {
  const profile = mkdtempSync(join(tmpdir(), 'saya-firefox-'));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  const child = spawn(firefoxPath(), ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0', 'about:blank'], {
    env: { ...process.env, HOME: profile, MOZ_HEADLESS_WIDTH: '1440', MOZ_HEADLESS_HEIGHT: '1000' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const address = await new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (part) => {
      said += part;
      const found = said.match(/WebDriver BiDi listening on (ws:\/\/\S+)/);
      if (found) resolve(found[1]);
    });
    child.on('exit', (code) => reject(new Error(`Firefox ended (${code}): ${said}`)));
  });
  const socket = new bundle.ws(`${address}/session`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no connection to ${address}`));
  });
  const waiting = new Map();
  const listeners = new Set();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'event') return listeners.forEach((listener) => listener(message));
    const { resolve, reject } = waiting.get(message.id) ?? {};
    waiting.delete(message.id);
    if (message.type === 'error') reject?.(new Error(`${message.error}: ${message.message}`));
    else resolve?.(message.result);
  };
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  await send('session.new', { capabilities: {} });
  await send('session.subscribe', { events: ['log.entryAdded'] });

  /** A page in a context of its own, with what it must not cause in `problems`. */
  async function page({ width, height }) {
    const { userContext } = await send('browser.createUserContext');
    const { context } = await send('browsingContext.create', { type: 'tab', userContext });
    await send('browsingContext.setViewport', { context, viewport: { width, height } });
    const problems = [];
    const listener = ({ method, params }) => {
      if (method === 'log.entryAdded' && params.source.context === context && params.level === 'error') problems.push(params.text);
    };
    listeners.add(listener);
    const evaluate = async (run, ...values) => {
      const expression = `JSON.stringify((${run})(...${JSON.stringify(values)}) ?? null)`;
      const { type, result, exceptionDetails } = await send('script.evaluate', { expression, target: { context }, awaitPromise: false });
      if (type === 'exception') throw new Error(exceptionDetails.text);
      return JSON.parse(result.value);
    };
    const keys = (actions) => send('input.performActions', { context, actions: [{ type: 'key', id: 'keys', actions }] });
    const stroke = (value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }];
    return {
      problems,
      evaluate,
      open: (url) => send('browsingContext.navigate', { context, url, wait: 'complete' }),
      /** Types a text, a key at a time. */
      type: (text) => keys([...text].flatMap(stroke)),
      /** Presses a key, or several at once: `Control+z`. */
      press: (name) => {
        const all = name.split('+').map((key) => KEYS[key] ?? key);
        return keys([...all.map((value) => ({ type: 'keyDown', value })), ...all.reverse().map((value) => ({ type: 'keyUp', value }))]);
      },
      /** Presses the pointer in the middle of what `find` finds, in the page or in its frame. */
      click: async (find, ...values) => {
        const [x, y] = await evaluate(
          `(...values) => {
            const found = (${find})(...values);
            found.scrollIntoView({ block: 'nearest' });
            const box = found.getBoundingClientRect();
            const frame = found.ownerDocument.defaultView.frameElement?.getBoundingClientRect() ?? { x: 0, y: 0 };
            return [Math.round(frame.x + box.x + box.width / 2), Math.round(frame.y + box.y + box.height / 2)];
          }`,
          ...values,
        );
        const actions = [{ type: 'pointerMove', x, y }, { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 }];
        await send('input.performActions', { context, actions: [{ type: 'pointer', id: 'mouse', actions }] });
      },
      /** Waits until `holds` says something true, and returns it. */
      until: async (holds, ...values) => {
        const end = Date.now() + 25_000;
        for (;;) {
          const said = await evaluate(holds, ...values).catch((error) => (Date.now() > end ? Promise.reject(error) : null));
          if (said) return said;
          if (Date.now() > end) throw new Error(`not within 25 s: ${holds} ${JSON.stringify(values)}`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
      shot: async (path) => {
        const { data } = await send('browsingContext.captureScreenshot', { context });
        writeFileSync(path, Buffer.from(data, 'base64'));
      },
      close: async () => {
        listeners.delete(listener);
        await send('browser.removeUserContext', { userContext });
      },
    };
  }

  async function close() {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await send('browser.close').catch(() => {});
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(timer);
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
  return { page, close };
}
