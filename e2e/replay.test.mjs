// The page makes of a log exactly what the native program makes of it, digest for digest.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { browserTest } from './harness.mjs';

const DIGESTS = 'target/tmp/replay-digests.json'; // written by `cargo test --test replay`

browserTest('a log replayed in WebAssembly has the digest of the native replay', async ({ page, open }) => {
  const native = JSON.parse(readFileSync(DIGESTS, 'utf8'));
  assert(Object.keys(native).length >= 2);
  await open();
  await page.waitForFunction(() => window.wasmBindings?.Replay);
  for (const [name, digest] of Object.entries(native)) {
    const log = readFileSync(`tests/logs/${name}`, 'utf8');
    const here = await page.evaluate((text) => new window.wasmBindings.Replay(text, 60).digest(), log);
    assert.equal(here, digest, name);
  }
});

browserTest('a broken log is refused with the line that is wrong', async ({ page, open }) => {
  await open();
  await page.waitForFunction(() => window.wasmBindings?.Replay);
  const refusal = await page.evaluate(() => {
    try {
      return new window.wasmBindings.Replay('saya 1\nseed x\n', 1).digest();
    } catch (error) {
      return String(error);
    }
  });
  assert.match(refusal, /line 2: a seed is a whole number/);
});
