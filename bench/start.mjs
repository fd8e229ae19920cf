// How long a first visit waits: `node bench/start.mjs`. bench/README.md says what is what.
// It measures the page in dist/, or in the folder that SAYA_DIST names.
import { start, watchedPage } from '../e2e/browser.mjs';
import { median } from './median.mjs';

const ROUNDS = 7;

/** In the page, before its program: when somebody could type for the first time. */
function watchCommandLine() {
  new MutationObserver((_, observer) => {
    if (!document.querySelector('.terminal input, .terminal textarea')) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => (window.usableAt = performance.now());
      painted.port2.postMessage(null);
    });
  }).observe(document, { childList: true, subtree: true });
}

const ground = await start(process.env.SAYA_DIST);
try {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    // A context of its own has no cache, not even of what was compiled.
    const { page, context, open } = await watchedPage(ground, { viewport: { width: 1440, height: 900 } });
    await page.addInitScript(watchCommandLine);
    await open();
    await page.waitForFunction(() => window.usableAt);
    rounds.push(
      await page.evaluate(() => {
        const wasm = performance.getEntriesByType('resource').find(({ name }) => /\/now-[^/]*$/.test(name));
        return { visit: window.usableAt, bytes: window.usableAt - wasm.responseEnd };
      }),
    );
    await context.close();
  }
  for (const [name, goal] of [
    ['visit', 1000],
    ['bytes', 500],
  ]) {
    const times = rounds.map((round) => round[name]);
    const took = median(times);
    console.log(`${name.padEnd(10)}${took.toFixed(0).padStart(6)} ms ${String(goal).padStart(6)} ms ${(took / goal).toFixed(2).padStart(6)}x   (${times.map((time) => time.toFixed(0)).join(', ')})`);
  }
} finally {
  await ground.close();
}
