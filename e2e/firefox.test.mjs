// The main story in Firefox, by its real keys and pointer, in every language of the page.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../scripts/serve.mjs';
import { firefoxPath, startFirefox } from './firefox.mjs';
import { AWAIT_MYSQL, MYSQL_LISTENS } from './hands.mjs';

const skip = firefoxPath() === null && 'no Firefox: run scripts/setup test, or set FIREFOX';
const SHOTS = fileURLToPath(new URL('screenshots', import.meta.url));

let server, firefox;
before(async () => {
  if (skip) return;
  server = await serve(fileURLToPath(new URL('../dist', import.meta.url)));
  firefox = await startFirefox();
});
after(async () => {
  await firefox?.close();
  server?.close();
  server?.closeAllConnections();
});

const TEXT = '(pattern) => new RegExp(pattern).test(document.querySelector(".terminal .lines")?.innerText ?? "")';
const framed = (selector) => `() => document.querySelector('.window iframe')?.contentDocument?.querySelector(${JSON.stringify(selector)})`;

for (const [lang, words] of [
  ['en', { title: 'Welcome to phpMyAdmin', window: 'Browser' }],
  ['ja', { title: 'phpMyAdmin へようこそ', window: 'ブラウザー' }],
  ['ko', { title: 'phpMyAdmin', window: '브라우저' }],
]) {
  test(`the story in Firefox, ${lang}`, { skip, timeout: 120_000 }, async () => {
    const page = await firefox.page({ width: 1440, height: 900 });
    try {
      await page.open(`http://127.0.0.1:${server.address().port}/?lang=${lang}&speed=10`);
      await page.until('() => document.querySelector("#line-1") && document.documentElement.lang');
      const line = '(number) => document.querySelector(`#line-${number}`)';
      const run = async (command, number = 1) => {
        await page.click(line, number);
        await page.type(command);
        await page.press('Enter');
      };
      await run('kubectl apply -f .');
      await page.until(TEXT, 'service/mysql created');
      await page.until('() => document.querySelectorAll(".mark.ready").length > 1');
      await run('kubectl get pods');
      await page.until(TEXT, 'mysql-0 +1/1 +Running');
      await run(AWAIT_MYSQL);
      await page.until(TEXT, MYSQL_LISTENS.source);
      // The editor: what is typed is there, and its own undo takes it back.
      await page.click('() => document.querySelector(".cm-content .cm-line")');
      await page.type('# mine ');
      await page.until('() => document.querySelector(".cm-content").innerText.includes("# mine")');
      await page.press('Control+z');
      await page.until('() => !document.querySelector(".cm-content").innerText.includes("# mine")');
      // History, and a line that is completed.
      await page.click(line, 1);
      await page.press('ArrowUp');
      assert.equal(await page.evaluate('() => document.querySelector("#line-1").value'), AWAIT_MYSQL);
      await page.press('Control+u');
      await page.type('kubectl port-for');
      await page.press('Tab');
      await page.until('() => document.querySelector("#line-1").value === "kubectl port-forward "');
      await page.type('deploy/pma 8888:80');
      await page.press('Enter');
      // The browser.
      await page.until('() => document.querySelector("[data-open]")');
      await page.click('() => document.querySelector("[data-open]")');
      await page.until(`(title) => document.querySelector('.window iframe')?.contentDocument?.body.innerText.includes(title)`, words.title);
      await page.until(framed('#input_username').replace(/$/, ' != null'));
      if (await page.evaluate(`() => !!(${framed('#serverNameInput')})()`)) {
        await page.click(framed('#serverNameInput'));
        await page.type('mysql');
      }
      await page.click(framed('#input_username'));
      await page.type('myuser');
      await page.click(framed('#input_password'));
      await page.type('mypassword');
      await page.press('Enter');
      await page.until(`() => document.querySelector('.window iframe').contentDocument.body.innerText.includes('mydb')`);
      mkdirSync(SHOTS, { recursive: true });
      await page.shot(`${SHOTS}/firefox-${lang}.png`);
      // What was done last is taken back, outside of fields.
      await page.click('() => document.querySelector("h1")');
      await page.press('Control+z');
      await page.until('() => !document.querySelector(".window iframe")?.contentDocument?.body.innerText.includes("mydb")');
      assert.deepEqual(page.problems, []);
    } catch (error) {
      // Where nobody can look at the page, its words say what it showed.
      const shown = `() => [...document.querySelectorAll('.window iframe')].map((frame) => frame.contentDocument.body.innerText)
        .concat([...document.querySelectorAll('.terminal .lines')].map((lines) => lines.innerText)).join('\\n---\\n')`;
      error.message += `\n${await page.evaluate(shown).catch(String)}`;
      throw error;
    } finally {
      await page.close();
    }
  });
}
