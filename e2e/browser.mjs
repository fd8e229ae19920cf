// A browser with the page in it, for the tests and for scripts/size.mjs.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { serve } from '../scripts/serve.mjs';
import { chromePath } from './chrome.mjs';

// No sandbox: root, as CI often is, cannot have one. The rest keeps the browser from calling home.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const DIST = fileURLToPath(new URL('../dist', import.meta.url));

/** Serves dist/, or another folder, and starts a browser: `{ browser, origin, close }`. */
export async function start(folder = DIST) {
  const server = await serve(folder);
  const executablePath = chromePath();
  assert(executablePath, 'no Chromium found: run scripts/setup test, or set CHROME');
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const close = async () => {
    await browser.close();
    server.close();
    server.closeAllConnections();
  };
  return { browser, origin: `http://127.0.0.1:${server.address().port}`, close };
}

/**
 * Opens a page in a fresh context with everything watched:
 * - `page`: playwright's
 * - `open(address = '')`: goes to the page, with a `?query` or `#fragment` if given, and waits until the program has started
 * - `responses`: all that was loaded so far, in order
 * - `problems`: what a test must not cause, in words; empty it where a test causes one on purpose
 * - `context`: playwright's browser context; closing it is the caller's
 */
export async function watchedPage({ browser, origin }, options = {}) {
  // The service worker fetches all of the page once more: only its own test wants that.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block', ...options });
  context.setDefaultTimeout(15_000);
  const problems = [];
  const responses = [];
  await context.route(
    (url) => url.origin !== origin,
    (route) => {
      problems.push(`request to another host: ${route.request().url()}`);
      return route.abort();
    },
  );
  context.on('response', (response) => responses.push(response));
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console error: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => problems.push(`uncaught: ${error.error().stack ?? error.error()}`));
  const page = await context.newPage();
  page.on('crash', () => problems.push('the page crashed'));
  page.on('websocket', (socket) => problems.push(`web socket: ${socket.url()}`));

  const open = async (address = '') => {
    await page.goto(`${origin}/${address}`);
    await page.waitForFunction(() => window.wasmBindings !== undefined);
  };
  return { page, open, responses, problems, context };
}

/** Opens the page and sums what it loads before it comes to rest: `[{ name, raw, gzipped }]`, in bytes. */
export async function firstLoad(watched) {
  await watched.open();
  await watched.page.locator('.cm-content').first().waitFor();
  await watched.page.waitForLoadState('networkidle');
  return Promise.all(
    watched.responses.map(async (response) => {
      const body = await response.body();
      const name = new URL(response.url()).pathname.slice(1) || 'index.html';
      return { name, raw: body.length, gzipped: gzipSync(body, { level: 9 }).length };
    }),
  );
}
