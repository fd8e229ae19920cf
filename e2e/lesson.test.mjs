// The course in the page: chapters on demand, commands by button, ticks, the book's output beside what was printed.
import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';
import { hurry, terminal } from './hands.mjs';

const WIDE = { viewport: { width: 1440, height: 900 }, locale: 'en-US' };

const prose = (page) => page.locator('.prose');
const command = (page, text) => page.locator('.command', { hasText: text }).first();

/** Opens a chapter by its address. */
async function read(page, open, name) {
  await open(`#lesson/${name}`);
  await prose(page).locator('h2').first().waitFor();
}

browserTest('the list of chapters leads to each', WIDE, async ({ page, open, responses }) => {
  await open();
  assert(!responses.some((response) => response.url().includes('/lessons/')), 'nothing of the course is loaded before it is wanted');
  await page.getByRole('button', { name: 'Course' }).first().click();
  await page.locator('.chapter').first().waitFor();
  assert((await page.locator('.chapter').count()) >= 8);
  await page.locator('.chapter').nth(1).click();
  await prose(page).locator('h2').first().waitFor();
  const chapters = responses.filter((response) => /lessons\/[^/]+\.en\.json$/.test(response.url()));
  assert.equal(chapters.length, 1, 'one chapter at a time');
});

browserTest('a button types its command, checks tick, and both outputs stand side by side', WIDE, async ({ page, open, shot }) => {
  await read(page, open, 'pod-ip');
  await hurry(page);
  const before = await page.locator('.check.ticked').count();
  assert.equal(before, 0);
  const first = page.locator('.command .run').first();
  const typed = (await first.innerText()).replace(/^[$#] /, '').trim();
  await first.click();
  await terminal(page).until(new RegExp(typed.slice(0, 20).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  await page.locator('.check.ticked').first().waitFor();
  await page.locator('.command.same .look').first().click();
  await page.locator('.sides .verdict').waitFor();
  await shot('both sides');
});

browserTest('another language keeps the place, and a reload keeps what was done', WIDE, async ({ page, open }) => {
  await read(page, open, 'pod-ip');
  await hurry(page);
  await page.locator('.command .run').first().click();
  await page.locator('.check.ticked').first().waitFor();
  const place = await page.locator('.prose h3').nth(2).getAttribute('data-place');
  await page.locator('.prose h3').nth(2).evaluate((heading) => heading.scrollIntoView());
  await page.getByLabel('Language').selectOption('ja');
  await page.waitForFunction(() => document.querySelector('.prose')?.lang === 'ja');
  await page.waitForFunction(
    (wanted) => {
      const around = document.querySelector('.prose').getBoundingClientRect().top;
      return Math.abs(document.querySelector(`[data-place="${wanted}"]`).getBoundingClientRect().top - around) < 120;
    },
    place,
  );
  assert((await page.locator('.check.ticked').count()) > 0);
  await page.reload();
  await page.locator('.check.ticked').first().waitFor();
  await page.locator('.command .look').first().waitFor();
});

browserTest('every chapter opens, and how long it takes is told', WIDE, async ({ page, open, t }) => {
  await open();
  await page.getByRole('button', { name: 'Course' }).first().click();
  const chapters = page.locator('.chapter');
  await chapters.first().waitFor();
  const names = await chapters.evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  const times = [];
  for (const href of names) {
    times.push(
      await page.evaluate(async (to) => {
        const began = performance.now();
        location.hash = to;
        const name = to.split('/')[1];
        while (!document.querySelector(`.prose h2`) || window.sayaShown === name) await new Promise((done) => setTimeout(done, 1));
        window.sayaShown = name;
        const took = performance.now() - began;
        location.hash = '#lesson/';
        document.querySelector('.lesson-bar button').click();
        while (document.querySelector('.prose')) await new Promise((done) => setTimeout(done, 1));
        return took;
      }, href),
    );
  }
  t.diagnostic(`chapters open in ${times.map((time) => Math.round(time)).join(', ')} ms`);
  assert(times.length >= 8, 'every chapter and challenge opens');
});

browserTest('on a telephone a command leads to the terminal that it is typed in', { viewport: { width: 390, height: 844 }, locale: 'en-US' }, async ({ page, open }) => {
  await read(page, open, 'pod-ip');
  await page.locator('.command .run').first().click();
  await page.locator('#line-1').waitFor();
  assert.equal(await prose(page).isVisible(), false);
  await page.locator('.panels').getByRole('button', { name: 'Course' }).click();
  await prose(page).waitFor();
});
