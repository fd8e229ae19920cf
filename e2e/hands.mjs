// What the browser tests do with the page, as a person would.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong now, as `rule: element`. */
export async function faults(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}

/** The terminal with this number: `type` a line, `press` a key, `shows` a text, `text` of all. */
export function terminal(page, number = 1) {
  const line = page.getByLabel(`Command line ${number}`);
  const panel = page.locator('.terminal').nth(number - 1);
  return {
    type: async (text) => {
      await line.click();
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
    },
    press: async (key) => {
      await line.focus();
      await page.keyboard.press(key);
    },
    shows: (text) => panel.getByText(text).first().waitFor(),
    text: () => panel.locator('.lines').innerText(),
    /** Waits until what is shown matches, and returns the match. */
    until: async (pattern) => {
      await page.waitForFunction(
        ([index, source, flags]) =>
          new RegExp(source, flags).test(document.querySelectorAll('.terminal')[index]?.querySelector('.lines')?.innerText ?? ''),
        [number - 1, pattern.source, pattern.flags],
      );
      return (await panel.locator('.lines').innerText()).match(pattern);
    },
  };
}

/** Does what the list of all that can be done names so. */
export async function command(page, words) {
  await page.keyboard.press('?');
  const find = page.locator('#palette-find:focus');
  await find.waitFor();
  await find.fill(words);
  await find.press('Enter');
}

/** Time runs ten times as fast. */
export const hurry = (page) => page.getByLabel('Speed').selectOption('10');

/** The line that waits until MySQL listens, which is some seconds after its container runs; and what it prints then. */
export const AWAIT_MYSQL = "until kubectl logs mysql-0 --tail=1 | grep 'port: 3306'; do sleep 1; done";
export const MYSQL_LISTENS = /MySQL Community Server/;
