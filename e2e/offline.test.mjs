// After the first visit the page works without a network; a newer one is offered.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start, watchedPage } from './browser.mjs';
import { hurry, terminal } from './hands.mjs';

let base, ground;
before(async () => {
  base = mkdtempSync(join(tmpdir(), 'saya-offline-'));
  // In a folder: all paths are relative.
  cpSync(fileURLToPath(new URL('../dist', import.meta.url)), join(base, 'some/folder'), { recursive: true });
  ground = await start(base);
});
after(async () => {
  await ground?.close();
  rmSync(base, { recursive: true });
});

test('offline after the first visit, and an update that waits', { timeout: 90_000 }, async () => {
  const { page, open, context, problems } = await watchedPage(ground, { serviceWorkers: 'allow', locale: 'en-US' });
  await open('some/folder/');
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }));
  });
  await context.setOffline(true);
  await page.goto(`${ground.origin}/some/folder/?lang=en#example/config-map`);
  await hurry(page);
  // To the end of what the example does: typing before it would ask first.
  await terminal(page).until(/Good morning![^]*HOME=\/root\n\$/);
  await page.locator('.cm-content').waitFor();
  await terminal(page).type('kubectl explain pod.spec.nodeName');
  await terminal(page).until(/FIELD: +nodeName/);
  assert.deepEqual(problems, []);

  await context.setOffline(false);
  const worker = join(base, 'some/folder/service-worker.js');
  writeFileSync(worker, readFileSync(worker, 'utf8').replace(/VERSION ?= ?"/, '$&next-'));
  const index = join(base, 'some/folder/index.html');
  writeFileSync(index, readFileSync(index, 'utf8').replace('<title>Saya', '<title>Saya, newer'));
  await page.reload();
  // A browser looks for a newer one when it likes; here it is asked to.
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
  await page.getByText('A newer Saya is there.').waitFor();
  assert.equal(await page.title(), 'Saya', 'nothing was forced');
  await page.getByRole('button', { name: 'Reload with it' }).click();
  await page.waitForFunction(() => document.title === 'Saya, newer');
  assert.deepEqual(problems, []);
  await context.close();
});

test('from a file it says what to do', async () => {
  const { page, problems, context } = await watchedPage(ground, { locale: 'ja' });
  await context.unrouteAll(); // a file is no host
  await page.goto(`file://${join(base, 'some/folder/index.html')}`);
  await page.getByText('python3 -m http.server').waitFor();
  problems.splice(0);
  await context.close();
});
