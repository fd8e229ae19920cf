// What a key costs in the page: see README.md. Prints medians in milliseconds, and their ratios to a yardstick of the same run.
import { start, watchedPage } from '../e2e/browser.mjs';
import { median } from './median.mjs';

const KEYS = 21;
const document = (n) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-${n}\n  labels:\n    app: web-${n}\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: web-${n}\n  template:\n    metadata:\n      labels:\n        app: web-${n}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.27\n        ports:\n        - containerPort: 80\n        resources:\n          limits:\n            memory: 64Mi\n---\n`;
const text = Array.from({ length: 20 }, (_, n) => document(n)).join('');

const ground = await start(process.argv.slice(2).find((word) => !word.startsWith('-')));
const { page, open, context } = await watchedPage(ground, { viewport: { width: 1440, height: 900 }, locale: 'en-US' });
// The editor's questions go to the program and come back within the same task: between lies what they cost.
await page.addInitScript(() => {
  window.costs = { check: [] };
  let editor;
  Object.defineProperty(window, 'sayaEditor', {
    get: () => editor,
    set: ({ mount }) => {
      editor = {
        mount: (parent, page) => {
          const { ask } = page;
          page.ask = (what, text, line, column, answer) => {
            const begun = performance.now();
            ask(what, text, line, column, (said) => {
              (window.costs[what] ??= []).push(performance.now() - begun);
              answer(said);
            });
          };
          return mount(parent, page);
        },
      };
    },
  });
});
await open();
await page.locator('.cm-content').waitFor();
const compared = process.argv.includes('--compare');
await page.locator('.cm-content').click();
await page.keyboard.press('Control+a');
await page.keyboard.insertText(text);
await page.keyboard.press('Control+Enter');
await page.locator('.terminal', { hasText: 'web-19 created' }).waitFor({ timeout: 30_000 });
await page.waitForTimeout(8_000);
if (compared) {
  await page.getByLabel('What to do with this file').click();
  await page.getByRole('button', { name: 'Compare' }).click();
}
await page.getByRole('button', { name: 'Pause', exact: true }).click();
await page.locator('.cm-content').click();
const session = await context.newCDPSession(page);
await session.send('Performance.enable', { timeDomain: 'threadTicks' });
const busy = async () => {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
};
const whole = [];
await page.evaluate(() => (window.costs.check = []));
for (let key = 0; key < KEYS; key++) {
  await page.keyboard.press('Control+End');
  for (let up = 0; up < 1 + (key % 7); up++) await page.keyboard.press('ArrowUp');
  await page.keyboard.press('End');
  await page.waitForTimeout(700);
  // What the page does by itself in so much time is not the key's.
  const idle = await busy();
  await page.waitForTimeout(700);
  const before = await busy();
  await page.keyboard.type(String(key % 10));
  await page.waitForTimeout(700);
  whole.push((await busy()) - before - (before - idle));
  await page.keyboard.press('Backspace');
  await page.waitForTimeout(500);
}
const checks = (await page.evaluate(() => window.costs.check)).filter((_, at) => at % 2 === 0);
const yardstick = await page.evaluate((json) => {
  const times = [];
  for (let run = 0; run < 9; run++) {
    const begun = performance.now();
    for (let at = 0; at < 100; at++) JSON.parse(json);
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[4];
}, JSON.stringify(Array.from({ length: 20 }, (_, n) => document(n).split('\n'))));
const row = (name, ms, goal) => console.log(`${name.padEnd(34)} ${ms.toFixed(2).padStart(8)} ms ${(ms / yardstick).toFixed(2).padStart(8)} × yardstick${goal ? `   goal ${goal} ms` : ''}`);
row('yardstick', yardstick);
row(`reading and checking${compared ? ', comparing' : ''}`, median(checks), 15);
row('all that a key does to the thread', median(whole));
await ground.close();
