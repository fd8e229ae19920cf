// The harness sees what it says it sees.
import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';

browserTest('errors and requests to other hosts are problems', async ({ page, open, problems }) => {
  await open();
  assert.deepEqual(problems, []);
  await page.evaluate(async () => {
    console.error('said so');
    setTimeout(() => {
      throw new Error('thrown');
    });
    await fetch('http://other.invalid/').catch(() => {});
    await new Promise((resolve) => setTimeout(resolve));
  });
  for (const problem of [/console error: said so/, /uncaught: Error: thrown/, /(request to another host: |Connecting to ')http:\/\/other\.invalid\//]) {
    assert(problems.some((seen) => problem.test(seen)), `${problem} in ${JSON.stringify(problems)}`);
  }
  problems.length = 0;
});
