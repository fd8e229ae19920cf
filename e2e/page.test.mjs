// The page as a visitor first meets it.
import assert from 'node:assert/strict';
import { firstLoad } from './browser.mjs';
import { terminal } from './hands.mjs';
import { browserTest } from './harness.mjs';

// Gzipped bytes. Where they grow, something may run at the start that can come later: scripts/split/record.mjs.
const FIRST_LOAD_LIMIT = 700_000;
const WITHOUT_EDITOR_LIMIT = 500_000;

browserTest('the page opens with its title and a main element', async ({ page, open, shot }) => {
  await open();
  assert.match(await page.title(), /Saya/);
  await page.locator('main').first().waitFor();
  await shot('opened');
});

browserTest('the start needs no inline script', async ({ page, open }) => {
  await open();
  assert.equal(await page.locator('script:not([src])').count(), 0);
});

browserTest('the first load is small', async (watched) => {
  const files = await firstLoad(watched);
  const weight = (all) => all.reduce((total, { gzipped }) => total + gzipped, 0);
  const sum = weight(files);
  const withoutEditor = weight(files.filter(({ name }) => !name.startsWith('editor')));
  watched.t.diagnostic(`first load: ${files.length} files, ${sum} bytes gzipped, ${withoutEditor} before the editor`);
  const loads = (part) => files.some(({ name }) => name.startsWith(part));
  assert(loads('now-') && loads('editor'), 'the program and the editor are part of the first load');
  assert(!loads('later-'), 'what a first visit does not need is not');
  assert(sum <= FIRST_LOAD_LIMIT, `${sum} gzipped bytes are more than ${FIRST_LOAD_LIMIT}`);
  assert(withoutEditor <= WITHOUT_EDITOR_LIMIT, `${withoutEditor} gzipped bytes before the editor are more than ${WITHOUT_EDITOR_LIMIT}`);
});

browserTest('the rest of the program comes with the first sign of a person', async ({ page, open, responses }) => {
  await open();
  const came = page.waitForResponse(/\/later-/);
  await page.mouse.move(100, 100);
  await came;
  assert.equal(responses.filter((response) => /\/later-/.test(response.url())).length, 1);
});

browserTest('the rest of the program comes at once where something is asked for', async ({ page, open, responses }) => {
  await open('?lang=en#example/config-map');
  await page.locator('main').first().waitFor();
  assert(responses.some((response) => /\/later-/.test(response.url())));
});

browserTest('without the rest of the program it says so, and nothing is lost', async ({ page, open, context, problems, shot }) => {
  await context.route(/\/later-/, (route) => route.abort());
  await open();
  await terminal(page).type('kubectl apply -f .');
  const card = page.getByRole('alertdialog', { name: 'The rest of Saya cannot be fetched' });
  await card.waitFor();
  await shot('no-rest');
  await context.unroute(/\/later-/);
  await card.getByRole('button', { name: 'Reload' }).click();
  await terminal(page).until(/\$/);
  problems.splice(0);
});
