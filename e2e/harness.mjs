// The browser tests' ground: dist/ served on a free port, one browser a file, a fresh context a test.
// A test fails on any error in the console, any uncaught exception and any request to another host.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { start, watchedPage } from './browser.mjs';

const SCREENSHOTS = fileURLToPath(new URL('screenshots', import.meta.url));

let ground;
before(async () => {
  ground = await start();
});
after(() => ground?.close());

/**
 * A test in the browser: `browserTest(name, [options of playwright's browser context,] run)`.
 * `run` gets what `watchedPage` returns, and also `t` (node's) and `shot(name)`, which saves a screenshot.
 */
export function browserTest(name, ...rest) {
  const run = rest.pop();
  const file = basename(process.argv[1], '.test.mjs');
  test(name, { timeout: 60_000 }, async (t) => {
    const watched = await watchedPage(ground, rest[0]);
    const shot = (title) => {
      mkdirSync(SCREENSHOTS, { recursive: true });
      const path = `${SCREENSHOTS}/${file}-${title.replace(/[^\p{L}\p{N}]+/gu, '-')}.png`;
      return watched.page.screenshot({ path, animations: 'disabled' });
    };
    try {
      await run({ ...watched, t, shot });
      assert.deepEqual(watched.problems, []);
    } catch (error) {
      await shot(`FAILED ${name}`).catch(() => {});
      if (watched.problems.length > 0) t.diagnostic(`${name}: ${watched.problems.join('; ')}`);
      throw error;
    } finally {
      await watched.context.close();
    }
  });
}
